"""Declares the variables of the other parts, each looked up from the request in a table."""

from proxy.syntax import Node, block, directive, group, quoted

EMPTY = '""'


def table(source: str, variable: str, rows: dict[str, str], note: str = "") -> Node:
    """Declare a variable whose value is looked up by another. The first row is the default."""
    entries = (directive(key, value) for key, value in rows.items())
    return block(f"map {source} {variable}", *entries, note=note)


def variables() -> Node:
    """Declare every table."""
    return group(_request_id(), _host_check(), _streams())


def _request_id() -> Node:
    return table(
        "$http_x_request_id",
        "$checked_request_id",
        {"default": "$request_id", quoted("~^[A-Za-z0-9._-]{8,128}$"): "$http_x_request_id"},
        note="A request id of the client's is kept where it looks like one.",
    )


def _host_check() -> Node:
    return table(
        quoted("$host $http_host"),
        "$checked_host",
        {"default": EMPTY, quoted(r"~*^([^ ]+) \1[.]?(:[0-9]{1,5})?$"): "$1$2"},
        note=(
            "An address in the request line decides the route, whatever Host says;\n"
            "a Host that says something else would reach the service, so it is refused."
        ),
    )


def _streams() -> Node:
    return group(
        table(
            "$http_upgrade",
            "$upgrade",
            {"default": EMPTY, "~*^websocket$": "websocket"},
            note="WebSockets and event streams; no other upgrade is passed on (h2c).",
        ),
        table("$upgrade", "$connection_header", {"default": "upgrade", EMPTY: "close"}),
        table("$http_accept", "$event_stream", {"default": EMPTY, "~*text/event-stream": "1"}),
        table(quoted("$upgrade$event_stream"), "$stream", {"default": "1", EMPTY: EMPTY}),
    )
