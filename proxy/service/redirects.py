"""Writes redirects: of whole hosts to others, and of single addresses by a table."""

from collections.abc import Iterable

from proxy.site import Redirect
from proxy.syntax import Node, block, directive, group, quoted, when
from proxy.variables import EMPTY, table

MOVED = 308
"""Moved for good; the method and the body of a request stay what they are."""


def redirect_tables() -> Node:
    """Look up the port that a client came to, since it is no part of a host's name."""
    return table(
        "$http_host",
        "$host_port",
        {"default": EMPTY, quoted("~(?<own_port>:[0-9]{1,5})$"): "$own_port"},
        note="A host that sends on to another does so on the port that was asked.",
    )


def whole_host(target: str) -> Node:
    """Send every address of a host to the same one of another."""
    return block(
        "location /", directive("return", MOVED, f"$scheme://{target}$host_port$request_uri")
    )


def redirect_locations(redirects: Iterable[Redirect], prefix: str = "") -> Node:
    """Send single addresses on; sources and targets that are paths lie below the prefix."""
    return group(*(_location(each, prefix) for each in redirects))


def _location(redirect: Redirect, prefix: str) -> Node:
    source, target = f"{prefix}{redirect.source}", redirect.target
    if target.startswith("/"):
        target = f"{prefix}{target}"
    alone = block(
        f"location = {source.removesuffix('/*')}",
        directive("return", redirect.status, f"{target.removesuffix('/*')}$is_args$args"),
    )
    return group(alone, _below(source, target, redirect.status)) if source.endswith("/*") else alone


def _below(source: str, target: str, status: int) -> Node:
    """Send on the rest of the address as it was written: read by nginx, it could hold a line end.

    A rest that would make the target another host's gets 404.
    """
    folder = source.removesuffix("*")
    escaped = folder.replace(".", "[.]")
    written = quoted(rf"^{escaped}(?<moved_rest>(?![/\x5C])[^?]*)")
    to = f"{target.removesuffix('*')}$moved_rest" if target.endswith("/*") else target
    return block(
        f"location ^~ {folder}",
        when(f"$request_uri ~ {written}", directive("return", status, f"{to}$is_args$args")),
        directive("return", 404),
    )
