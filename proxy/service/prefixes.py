"""Serves an application under a prefix: it tells it the prefix, and adapts its answers.

An application that knows its prefix (SCRIPT_NAME) gets the address as it was written. An
application that does not know it gets the address without the prefix, and the prefix is put before
what its answers name. The cookies of both stay below the prefix, so that two applications on one
host do not overwrite each other's cookies.
"""

from typing import Final

from proxy.site import RoutedService, Site
from proxy.syntax import Node, block, directive, group, quoted, when
from proxy.variables import EMPTY, table

_SAME_NAME_MOST: Final = 3
"""So many cookies may be there twice: a session, a token against forgery, and one more."""
# A longer header is passed on as it is: it takes time to look for pairs.
_LONGEST_COOKIES = 4096


OWN_COOKIES: Final = f"$cookies_{_SAME_NAME_MOST}"
"""The variable with the cookies that a service gets."""


def prefix_tables(site: Site) -> Node:
    """Declare the tables for the services under a prefix; none if there is no such service."""
    routed = [backend for backend in site.backends if backend.prefix]
    return group(
        *([_scoped_path()] if any(backend.scope_cookies for backend in routed) else []),
        *_own_cookies(),
        *([_relocated()] if any(backend.strip_prefix for backend in routed) else []),
    )


def told_prefix(backend: RoutedService, prefix: str) -> Node:
    """Set what the service is told of its prefix, and what becomes of its cookies."""
    return group(
        directive("set", "$prefix", prefix or EMPTY),
        directive("set", "$script_name", EMPTY if backend.strip_prefix else prefix or EMPTY),
        directive("set", "$cookies_below", prefix if backend.scope_cookies and prefix else EMPTY),
    )


def as_written(backend: RoutedService, prefix: str) -> Node:
    """Refuse paths that nginx reads as the prefix, but the service would read otherwise."""
    escaped = prefix.replace(".", "[.]")
    cut = when(
        f"$request_uri ~ {quoted(f'^{escaped}(?<below_prefix>/.*)$')}",
        directive("set", "$target", "$below_prefix"),
    )
    return group(
        when(f"$request_uri !~ {quoted(f'^{escaped}/')}", directive("return", 404)),
        *([cut] if backend.strip_prefix else []),
    )


def target(backend: RoutedService, prefix: str) -> str:
    """Name the variable with the address that the service gets."""
    return "$target" if backend.strip_prefix and prefix else "$request_uri"


def put_below(backend: RoutedService, prefix: str) -> Node:
    """Put what answers name below the prefix: cookies, and the targets of redirects."""
    if not prefix:
        return group()
    relocated = directive("proxy_redirect", quoted("~^(?<relocation>.+)$"), "$relocated")
    return group(
        *([relocated] if backend.strip_prefix else []),
        *([_cookie_path(backend, prefix)] if backend.scope_cookies else []),
    )


def _cookie_path(backend: RoutedService, prefix: str) -> Node:
    """Put cookies below the prefix.

    A service that knows its prefix names the whole host by "/" alone: only that is changed. For a
    service that does not know it, all paths are put below the prefix.
    """
    escaped = prefix.replace(".", "[.]")
    if not backend.strip_prefix:
        return directive("proxy_cookie_path", quoted("~^/$"), "$scoped_path")
    outside = quoted(f"~^/(?!{escaped[1:]}(?:/|$))(?<named_path>.*)$")
    return directive("proxy_cookie_path", outside, quoted("$scoped_path$named_path"))


def _scoped_path() -> Node:
    return table(
        "$upstream_http_set_cookie",
        "$scoped_path",
        {"default": quoted("$prefix/"), quoted("~*(^|, *)__Host-"): "/"},
        note=(
            "Cookies of a service stay below its prefix, but for those that browsers take for the\n"
            "whole host only."
        ),
    )


def _own_cookies() -> list[Node]:
    """Leave out cookies of services above if this service has its own of the same name.

    Browsers send the cookies of the longest path first, and some frameworks take the last.
    """
    short = f"(?=.{{1,{_LONGEST_COOKIES}}}$)"
    pair = (
        r"(?<kept_before>(?:[^;]*; )*?(?<same_name>[^=; ]{3,64})=[^;]*(?:; [^;]*)*?)"
        r"; \k<same_name>=[^;]*(?<kept_after>(?:; .*)?)$"
    )
    sources = ["$http_cookie", *(f"$cookies_{n}" for n in range(1, _SAME_NAME_MOST))]
    without = {quoted(f"~^/[^ ]* {short}{pair}"): quoted("$kept_before$kept_after")}
    note = "Of cookies of one name, only the one of the longest path."
    return [
        table(
            quoted(f"$cookies_below {source}"),
            f"$cookies_{number}",
            {"default": source, **without},
            note="" if number > 1 else note,
        )
        for number, source in enumerate(sources, 1)
    ]


def _relocated() -> Node:
    """Look up the target of a redirect, for a service that does not know its prefix."""
    below = r"\1(?:[/?#].*)?$"
    rows = {
        "default": "$relocation",
        rf"~^(/[^ ]*) [^ ]+ {below}": "$relocation",
        r"~^(/[^ ]*) [^ ]+ (/(?![/\x5C]).*)$": "$1$2",
        rf"~*^(/[^ ]*) ([^ ]+) https?://\2{below}": "$relocation",
        r"~*^(/[^ ]*) ([^ ]+) (https?://\2)((?:[/?#].*)?)$": "$3$1$4",
    }
    entries = [
        directive(key if key == "default" else quoted(key), value) for key, value in rows.items()
    ]
    return block(
        f"map {quoted('$prefix $checked_host $relocation')} $relocated",
        directive("volatile"),
        *entries,
        note="Redirects of services that do not know their prefix lead below it.",
    )
