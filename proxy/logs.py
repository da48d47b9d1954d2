"""Writes the access log: one line of JSON for each request."""

from proxy.paths import ACCESS_LOG
from proxy.syntax import Node, directive, group, remark

FIELDS = {
    "time": "$time_iso8601",
    "unix": "$msec",
    "request_id": "$checked_request_id",
    "client": "$remote_addr",
    "method": "$request_method",
    "host": "$host",
    "path": "$request_uri",
    "protocol": "$server_protocol",
    "status": "$status",
    "bytes": "$bytes_sent",
    "seconds": "$request_time",
    "service": "$service",
    "upstream": "$upstream_addr",
    "upstream_status": "$upstream_status",
    "upstream_seconds": "$upstream_response_time",
    "user_agent": "$http_user_agent",
}

CACHED = {"cache": "$upstream_cache_status"}

# The others may be empty, a list, or have leading zeros, which no JSON number may.
_NUMBERS = ("unix", "bytes", "seconds")

_INDENT = "\n        "


def access_log(*, cached: bool) -> Node:
    """Declare the log; ``cached`` if answers are kept."""
    fields = {**FIELDS, **(CACHED if cached else {})}
    return _declared(fields)


def _declared(fields: dict[str, str]) -> Node:
    """Declare the log: a file, since Docker's driver costs more for each line than its request.

    All workers of all nginx append to it, and no write to a file mixes with another.
    """
    return group(
        remark("One line of JSON for each request."),
        directive("log_format", "json", f"escape=json{_format(fields)}"),
        directive("access_log", ACCESS_LOG, "json", "buffer=64k", "flush=1s"),
        directive("uninitialized_variable_warn", "off"),
    )


def _format(said: dict[str, str]) -> str:
    fields = [f'"{name}":{_value(name, value)}' for name, value in said.items()]
    lines = ["{", *(f"{field}," for field in fields[:-1]), fields[-1], "}"]
    return "".join(f"{_INDENT}'{line}'" for line in lines)


def _value(name: str, variable: str) -> str:
    return variable if name in _NUMBERS else f'"{variable}"'
