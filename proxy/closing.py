"""Closes connections in good order before a reload.

nginx before 1.27.4 closes idle kept-alive connections at once when it reloads, and a request that
crosses that is lost. So for a moment before, while a flag file is there, every answer says that it
is the last on its connection. That is a matter of the location that a request passes through, and
no `if` may set it: so the request takes one step through such a location, and goes on.
"""

from proxy.paths import CLOSING_FLAG
from proxy.syntax import Node, block, directive, group, quoted, remark, when

# Any code will do that nginx has no use for.
_CODE = 418

# No answer is chosen yet: the request is not on its way to an error page.
_UNANSWERED = "000"


def closing_pages() -> Node:
    """Send requests that were diverted through the location that ends their connection."""
    return directive("error_page", _CODE, "=", "@closing")


def closing_check() -> Node:
    """Divert requests while the flag file is there."""
    return group(
        remark("While the flag is there each answer is the last on its connection."),
        when(f"-f {CLOSING_FLAG}", directive("set", "$closing", "$status")),
        when(f"$closing = {_UNANSWERED}", directive("return", _CODE)),
    )


def closing_location() -> Node:
    """End the connection after this request, and let the request go its usual way."""
    return block(
        "location @closing",
        directive("keepalive_timeout", 0),
        directive("rewrite", quoted("^(/[^\\r\\n]*)$"), "$1", "last"),
    )
