"""Tells each request to what counts them, in a file in memory that nginx never waits for.

No word of the client's is in a line, so none can forge one. Times are whole seconds, and most lines
of a second are the same: they are counted at next to no cost.
"""

from proxy.paths import REQUESTS_DIRECTORY
from proxy.site import Site
from proxy.syntax import Node, directive, group, quoted, remark

_FIELDS = (
    "$time_iso8601",
    "$service",
    "$status",
    "$request_time",
    "$upstream_cache_status",
    "$stream",
    "$upstream_status",
)


def counted_requests(site: Site) -> Node:
    """Declare the lines and their file; nothing where nobody counts."""
    if not site.counted:
        return group()
    return group(
        remark("One short line for each request, for what counts them."),
        directive("log_format", "counted", "escape=none", quoted(" ".join(_FIELDS))),
        directive(
            "access_log", f"{REQUESTS_DIRECTORY}/requests", "counted", "buffer=64k", "flush=1s"
        ),
    )
