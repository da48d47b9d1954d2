"""Sets the headers that go to services, and those that are added to their answers."""

from collections.abc import Mapping

from proxy.edge.policies import VARIABLES
from proxy.syntax import Node, directive, group, remark

# What services see of the client. What a client sends under these names is replaced; a header
# whose value is empty is not passed on.
FORWARDED = {
    "Host": "$checked_host",
    "X-Forwarded-For": "$remote_addr",
    "X-Forwarded-Proto": "$scheme",
    "X-Forwarded-Host": "$checked_host",
    "X-Forwarded-Prefix": "$prefix",
    "X-Request-ID": "$checked_request_id",
    "SCRIPT_NAME": "$script_name",
    "Cookie": "$cookies_3",
    "Upgrade": "$upgrade",
    "Connection": "$connection_header",
}

# Headers of other proxies, which some frameworks believe.
REFUSED = (
    "Forwarded",
    "Proxy",
    "X-Forwarded-Port",
    "X-Forwarded-Protocol",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Real-IP",
)

ADDED = {
    "X-Request-ID": "$checked_request_id",
    **VARIABLES,
    "Strict-Transport-Security": "$hsts",
}


def headers(changed: Mapping[str, str]) -> Node:
    """Declare the headers for every server; some may be ``changed``."""
    return group(
        remark("Passed to services; what a client sends under these names is not."),
        *(
            directive("proxy_set_header", name, value)
            for name, value in {**FORWARDED, **changed}.items()
        ),
        *(directive("proxy_set_header", name, '""') for name in REFUSED),
        remark("Added to answers; empty ones are left out."),
        added_headers(),
        directive("proxy_hide_header", "X-Request-ID"),
    )


def added_headers(changed: Mapping[str, str] | None = None) -> Node:
    """Add the headers of every answer. A block with headers of its own must repeat them.

    Some may be ``changed``.
    """
    said = {**ADDED, **(changed or {})}
    return group(*(directive("add_header", name, value, "always") for name, value in said.items()))
