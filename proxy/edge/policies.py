"""Says what browsers may do with answers, where neither the service nor the settings say it.

A header that the settings give a service stands in place of what the service says itself; one that
is there already is not said twice.
"""

from proxy.site import RoutedService, Site
from proxy.syntax import Node, directive, group, quoted
from proxy.variables import EMPTY, table

VARIABLES = {
    "X-Content-Type-Options": "$type_options",
    "Referrer-Policy": "$referrer_policy",
    "X-Frame-Options": "$frame_options",
    "Content-Security-Policy": "$content_policy",
    "Permissions-Policy": "$permissions_policy",
    "X-Robots-Tag": "$robots",
}
"""The headers that settings may give a service, and the variables with what is said."""
CONTENT_POLICY = "base-uri 'self'; object-src 'none'"
"""What hardly a page needs: another base, and plugins. Frames are the matter of X-Frame-Options:
browsers would take a policy of ours before a stricter word of the service there."""
_FRAMES = "$frame_default"
_USUAL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": _FRAMES,
    "Content-Security-Policy": quoted(CONTENT_POLICY),
    "Permissions-Policy": EMPTY,
}
_NOBODY = quoted("noindex, nofollow")


def policy_tables(site: Site) -> Node:
    """Declare what is said in each header: by the settings, else by the service, else by us."""
    usual = {**_USUAL, "X-Robots-Tag": EMPTY if site.indexed else _NOBODY}
    return group(
        table(
            "$upstream_http_content_security_policy",
            _FRAMES,
            {"default": "SAMEORIGIN", "~*frame-ancestors": EMPTY},
            note="Headers that are added where the service does not decide for itself.",
        ),
        *(node for name, value in usual.items() for node in _header(site, name, value)),
    )


def replaced(backend: RoutedService) -> Node:
    """Leave out what the service says in headers that the settings give it."""
    return group(*(directive("proxy_hide_header", name) for name, _ in backend.headers))


def _header(site: Site, name: str, usual: str) -> list[Node]:
    """Declare one: a service that says it itself gets nothing added."""
    variable = VARIABLES[name]
    said = f"$upstream_http_{name.lower().replace('-', '_')}"
    given = {each.name: dict(each.headers) for each in site.backends}
    own = {service: headers[name] for service, headers in given.items() if name in headers}
    if not own:
        return [table(said, variable, {"default": EMPTY, EMPTY: usual})]
    otherwise = f"{variable}_else"
    rows = {service: quoted(value) if value else EMPTY for service, value in sorted(own.items())}
    return [
        table(said, otherwise, {"default": EMPTY, EMPTY: usual}),
        table("$service", variable, {"default": otherwise, **rows}),
    ]
