"""Closes connections in good order before a reload.

nginx before 1.27.4 closes idle kept-alive connections at once when it reloads, and a request that
crosses that is lost. So for a moment before, while a flag file is there, every answer says that it
is the last on its connection. That is a matter of the location that a request passes through, and
no `if` may set it: so the request takes one step through such a location, and goes on.

HTTP/2 has no such word for an answer. There a connection on which something is asked is closed in
good order by nginx itself, so requests are held at a gate for the moment of the reload.
"""

from proxy.paths import CLOSING_FLAG, GATE_FLAG, GATE_SOCKET, RUNTIME_DIRECTORY
from proxy.site import RESERVED_PATH, Site
from proxy.syntax import Node, block, directive, group, quoted, remark, when
from proxy.variables import table

# Any codes will do that nginx has no use for.
_CODE = 418
_HELD_CODE = 424

# No answer is chosen yet: the request is not on its way to an error page.
_UNANSWERED = "000"
_GATE = f"{RESERVED_PATH}/gate"
_NOTHING = f"{RUNTIME_DIRECTORY}/none"


def closing_pages(site: Site) -> Node:
    """Send requests that were diverted through the location that ends their connection."""
    held = [
        table("$server_protocol", "$gate", {"default": _NOTHING, "HTTP/2.0": GATE_FLAG}),
        directive("error_page", _HELD_CODE, "=", "@held"),
    ]
    return group(
        directive("error_page", _CODE, "=", "@closing"),
        *(held if site.tls else []),
    )


def closing_check() -> Node:
    """Divert requests while the flag file is there.

    To look each time costs as much as a sixth of a small answer. What was seen holds for a second,
    which `webstack-reload` waits for. Locations where files come and go look anew.
    """
    return group(
        remark("While the flag is there each answer is the last on its connection."),
        directive("open_file_cache", "max=16", "inactive=60s"),
        directive("open_file_cache_valid", "1s"),
        directive("open_file_cache_errors", "on"),
        when(f"-f {CLOSING_FLAG}", directive("set", "$closing", "$status")),
        when(f"$closing = {_UNANSWERED}", directive("return", _CODE)),
    )


def looked_at_anew() -> Node:
    """See files as they are at each request, in a location and those inside of it."""
    return group(
        directive("open_file_cache", "off"),
        directive("open_file_cache_errors", "off"),
    )


def closing_locations(site: Site) -> Node:
    """End the connection after this request, and let the request go its usual way."""
    return group(
        block(
            "location @closing",
            directive("keepalive_timeout", 0),
            looked_at_anew(),
            *([when("-f $gate", directive("return", _HELD_CODE))] if site.tls else []),
            _usual_way(),
        ),
        *(_gate() if site.tls else []),
    )


def _gate() -> list[Node]:
    """Ask at the gate, whose answer comes once every connection has been told of the reload.

    The body is not read for that: a request that does not fit is refused where it would be.
    """
    return [
        block(
            "location @held",
            directive("auth_request", _GATE),
            directive("try_files", f"{RESERVED_PATH}/none", "@released"),
            note="Over HTTP/2 a request waits until the reload is under way.",
        ),
        block("location @released", _usual_way()),
        block(
            f"location = {_GATE}",
            directive("internal"),
            directive("proxy_pass", f"http://unix:{GATE_SOCKET}"),
            directive("proxy_pass_request_body", "off"),
            directive("proxy_set_header", "Content-Length", '""'),
            directive("proxy_read_timeout", "10s"),
            directive("error_page", 502, 504, "=", "@open"),
        ),
        block("location @open", directive("return", 204)),
    ]


def _usual_way() -> Node:
    return directive("rewrite", quoted("^(/[^\\r\\n]*)$"), "$1", "last")
