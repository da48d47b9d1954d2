"""Writes the servers: for unknown hosts, for the site, and for services with own hosts."""

from proxy.closing import closing_check, closing_locations
from proxy.edge.tls import challenge_location, default_listens, listens, redirect_server
from proxy.errors import error_locations
from proxy.paths import HEALTH_PATH, HEALTH_SOCKET, STATUS_PATH, upstream
from proxy.service.locations import service_locations
from proxy.service.redirects import redirect_locations, whole_host
from proxy.site import RoutedService, Site
from proxy.syntax import Node, block, directive, group, own_words, quoted, remark, when
from proxy.variables import EMPTY

_SET_BY_LOCATIONS = ("$service", "$prefix", "$script_name", "$cookies_below", "$spooled")


def upstreams(site: Site) -> Node:
    """Declare the sockets of each service. The links of the release decide which they are."""
    return group(*(_upstream(backend) for backend in _by_name(site)))


def servers(site: Site) -> Node:
    """Declare every server, in an order that depends on the routes only."""
    return group(
        _health_server(),
        *(_unknown_hosts(site, listening) for listening in default_listens(site)),
        redirect_server(site),
        *([_site_server(site)] if site.hosts else []),
        *(_own_server(backend, site) for backend in _by_name(site) if backend.hosts),
        *(_server(site, (host,), whole_host(to)) for host, to in sorted(site.redirect_hosts)),
    )


def _by_name(site: Site) -> list[RoutedService]:
    return sorted(site.backends, key=lambda backend: backend.name)


def _upstream(backend: RoutedService) -> Node:
    """Balance requests over the replicas.

    A socket where nobody listens costs next to nothing to try, so a replica is left out for a
    second only, and only when it fails all the time: it serves again as soon as it is back, and
    a few requests that break a worker take no replica away from the others.
    """
    members = (
        directive(
            "server", f"unix:{upstream(backend.name, replica)}", "max_fails=10", "fail_timeout=1s"
        )
        for replica in range(backend.replicas)
    )
    return block(
        f"upstream {backend.name}",
        directive("zone", backend.name, "256k"),
        directive("least_conn"),
        *members,
    )


def _health_server() -> Node:
    return block(
        "server",
        directive("listen", f"unix:{HEALTH_SOCKET}"),
        directive("access_log", "off"),
        remark("Nothing that comes by way of the proxy is answered, whatever led it here."),
        when('$http_x_forwarded_for != ""', directive("return", 404)),
        block(
            f"location = {HEALTH_PATH}",
            directive("default_type", "text/plain"),
            directive("return", 200, quoted("ok")),
        ),
        block(f"location = {STATUS_PATH}", directive("stub_status")),
        note="Health of the proxy itself, out of reach from the network.",
    )


def _unknown_hosts(site: Site, listening: Node) -> Node:
    return block(
        "server",
        listening,
        directive("server_name", "_"),
        challenge_location(site),
        block(
            "location /",
            *(
                directive("set", variable, EMPTY)
                for variable in (
                    "$service",
                    "$prefix",
                    "$script_name",
                    "$cookies_below",
                    "$spooled",
                )
            ),
            directive("return", 404 if site.backends else 503),
        ),
        error_locations(),
        note="Hosts that nobody serves.",
    )


def _site_server(site: Site) -> Node:
    routed = [backend for backend in site.backends if backend.path is not None]
    ordered = sorted(routed, key=lambda backend: backend.prefix, reverse=True)
    root = any(not backend.prefix for backend in routed)
    return _server(
        site,
        site.hosts,
        redirect_locations(site.redirects),
        *(service_locations(backend, backend.prefix, site) for backend in ordered),
        *([] if root else [block("location /", directive("return", 404))]),
    )


def _own_server(backend: RoutedService, site: Site) -> Node:
    served = service_locations(backend, "", site)
    return _server(site, backend.hosts, own_words(backend.server_words), served)


def _server(site: Site, hosts: tuple[str, ...], *locations: Node) -> Node:
    return block(
        "server",
        listens(site),
        directive("server_name", *sorted(hosts)),
        closing_check(),
        own_words(site.server_words),
        challenge_location(site),
        *locations,
        closing_locations(site),
        error_locations(),
    )
