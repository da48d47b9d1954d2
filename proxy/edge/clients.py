"""Tells who asks: the client itself, or a proxy before us that is trusted to say it.

What a client says of itself is never believed. A trusted proxy says the client's address, the
scheme that it came by, and the host that it asked for, if that is one of ours.
"""

from proxy.site import Site
from proxy.syntax import Node, block, directive, group, quoted, remark
from proxy.variables import EMPTY, table


def client_tables(site: Site) -> Node:
    """Declare which proxies are trusted and what they say; nothing where none is."""
    if not site.trusted:
        return group()
    rows = {"default": EMPTY, **dict.fromkeys(site.trusted, "1")}
    return group(
        remark("Proxies that are trusted to say whom they ask for."),
        *(directive("set_real_ip_from", network) for network in site.trusted),
        directive("real_ip_header", "X-Forwarded-For"),
        directive("real_ip_recursive", "on"),
        block(
            "geo $realip_remote_addr $trusted",
            *(directive(network, value) for network, value in rows.items()),
        ),
        table(
            quoted("$trusted $http_x_forwarded_proto"),
            "$client_scheme",
            {"default": "$scheme", quoted("1 https"): "https", quoted("1 http"): "http"},
        ),
        table(
            quoted("$trusted $http_x_forwarded_host"),
            "$client_host",
            {"default": "$checked_host", **({_ours(site): "$1"} if site.names else {})},
        ),
    )


def forwarded(site: Site) -> dict[str, str]:
    """Give the headers to services that a trusted proxy has a say in."""
    if not site.trusted:
        return {}
    return {
        "Host": "$client_host",
        "X-Forwarded-Proto": "$client_scheme",
        "X-Forwarded-Host": "$client_host",
    }


def _ours(site: Site) -> str:
    """Match the hosts that are served, with or without a port."""
    label = "[a-z0-9-]+([.][a-z0-9-]+)*"
    names = (name.replace(".", "[.]").replace("*", label) for name in site.names)
    return quoted(f"~*^1 ((?:{'|'.join(names)})(?::[0-9]{{1,5}})?)$".replace("+([", "+(?:["))
