"""Keeps answers of services in memory, and gives them to whoever asks the same.

Only what nobody is known by is answered that way: GET and HEAD without a body, without
Authorization and without cookies. The service is then asked without any header of the client's but
those that are part of the key: whatever else a client sends cannot be in a page that others get.
"""

from collections.abc import Mapping

from proxy.closing import looked_at_anew
from proxy.headers import FORWARDED, added_headers
from proxy.paths import cache, cache_full, cache_generation
from proxy.service.spool import kept
from proxy.site import Cache, RoutedService, Site
from proxy.syntax import Node, block, directive, group, quoted, remark, when
from proxy.variables import EMPTY, table

GENERATION_BITS = 4
"""How many files stand for the generation of a cache, one for each bit."""
# Any code will do that nginx has no use for.
_CODE = 426
_KEYS_PER_MIB = 32
# Of a known size that is small against the memory: no answer then meets a full one.
_KEPT = quoted("~^(200|301|302|303|307|308|404|410) ([0-9]{1,5}|1[0-9]{5}|2[0-4][0-9]{4})$")
_STATES = {
    "HIT": "webstack; hit",
    "MISS": "webstack; fwd=uri-miss",
    "EXPIRED": "webstack; fwd=stale",
    "REVALIDATED": "webstack; fwd=stale; fwd-status=304",
    "STALE": "webstack; hit; detail=stale",
    "UPDATING": "webstack; hit; detail=updating",
}


def cache_tables(site: Site) -> Node:
    """Declare the memory of each service's cache, and what is kept; nothing where none has one."""
    cached = [(each, each.cache) for each in site.backends if each.cache]
    if not cached:
        return group()
    return group(
        *(_zone(backend, wanted) for backend, wanted in cached),
        directive("error_page", _CODE, "=", "@$service-cached"),
        table(
            quoted("$upstream_status $upstream_http_content_length"),
            "$cache_refused",
            {"default": "1", _KEPT: EMPTY},
            note="Answers of other statuses, of no told size or of a large one are not kept.",
        ),
        table("$upstream_http_vary", "$cache_varies", {"default": EMPTY, quoted("~[*]"): "1"}),
        table(
            "$upstream_cache_status",
            "$cache_status",
            {"default": EMPTY, **{key: quoted(value) for key, value in _STATES.items()}},
        ),
        *(_asked(backend, wanted) for backend, wanted in cached),
    )


def cache_check(backend: RoutedService, prefix: str) -> Node:
    """Divert requests that may be answered from the cache; nothing if the service has none."""
    wanted = backend.cache
    if not wanted:
        return group()
    bits = (
        when(
            f"-f {cache_generation(backend.name, bit)}",
            directive("set", "$generation", quoted(f"${{generation}}{bit}")),
        )
        for bit in range(GENERATION_BITS)
    )
    return group(
        remark("A release and a purge begin another generation."),
        directive("set", "$generation", EMPTY),
        directive("set", "$cache_full", EMPTY),
        *bits,
        when(f"-f {cache_full(backend.name)}", directive("set", "$cache_full", "1")),
        directive("set", "$keepable", _variable(backend)),
        *(
            when(f"$uri = {quoted(f'{prefix}{page}')}", directive("set", "$keepable", EMPTY))
            for page in wanted.never
        ),
        when("$keepable", directive("return", _CODE)),
    )


def cache_location(backend: RoutedService, passing: Node, forwarded: Mapping[str, str]) -> Node:
    """Answer from the cache, and fill it. ``forwarded`` are headers of trusted proxies."""
    wanted = backend.cache
    if not wanted:
        return group()
    return block(
        f"location @{backend.name}-cached",
        kept(backend),
        looked_at_anew(),
        passing,
        directive("proxy_pass_request_headers", "off"),
        directive("proxy_pass_request_body", "off"),
        *_told(wanted, forwarded),
        directive("proxy_cache", _named(backend)),
        directive("proxy_cache_key", _key(wanted, forwarded)),
        *([directive("proxy_cache_valid", 200, 301, f"{wanted.time}s")] if wanted.time else []),
        directive("proxy_no_cache", "$cache_refused", "$cache_varies", "$cache_full"),
        directive("proxy_cache_lock", "on"),
        remark("Nobody waits longer for an answer to another, which may be kept from all others."),
        directive("proxy_cache_lock_timeout", "500ms"),
        *(_stale() if wanted.stale else []),
        directive("proxy_force_ranges", "on"),
        directive("sendfile", "off"),
        added_headers(),
        directive("add_header", "Cache-Status", "$cache_status", "always"),
    )


def _zone(backend: RoutedService, wanted: Cache) -> Node:
    """Name the memory. Most is room for what is written until nginx takes old files away."""
    return directive(
        "proxy_cache_path",
        cache(backend.name),
        "levels=1:2",
        f"keys_zone={_named(backend)}:{max(1, wanted.memory // _KEYS_PER_MIB)}m",
        f"max_size={wanted.memory * 3 // 8}m",
        "inactive=1d",
        "use_temp_path=off",
    )


def _asked(backend: RoutedService, wanted: Cache) -> Node:
    """Tell requests that nobody is known by: those cookies count that are named, or all."""
    names = "|".join(name.replace(".", "[.]") for name in wanted.bypass)
    known = {quoted(f"~(^|; ?)({names})="): "1"} if names else {}
    cookies = f"$cookies_of_{backend.identifier}"
    none = {"default": EMPTY} if names else {"default": "1", EMPTY: EMPTY}
    asking = "$request_method$http_authorization$http_transfer_encoding$content_length"
    return group(
        table("$http_cookie", cookies, {**none, **known}),
        table(
            quoted(f"{asking}{cookies}"),
            _variable(backend),
            {"default": EMPTY, "GET": "1", "HEAD": "1"},
        ),
    )


def _told(wanted: Cache, forwarded: Mapping[str, str]) -> list[Node]:
    """Give the headers that the service gets: what it may make its answer of."""
    own = {
        **FORWARDED,
        **forwarded,
        "X-Forwarded-For": EMPTY,
        "X-Request-ID": "$request_id",
        "Cookie": EMPTY,
        "Upgrade": EMPTY,
        "Connection": "close",
    }
    named = {name: _client(name) for name in wanted.vary}
    return [directive("proxy_set_header", *pair) for pair in {**own, **named}.items()]


def _key(wanted: Cache, forwarded: Mapping[str, str]) -> str:
    """Join all that an answer may depend on; no part of it can hold the line end between them."""
    host = forwarded.get("Host", FORWARDED["Host"])
    scheme = forwarded.get("X-Forwarded-Proto", FORWARDED["X-Forwarded-Proto"])
    parts = ["$generation", scheme, host, "$request_uri", *map(_client, wanted.vary)]
    return quoted("\\n".join(parts))


def _stale() -> list[Node]:
    """Serve what is old while it is asked for anew, and while the service fails."""
    failures = ("error", "timeout", "invalid_header", "updating")
    statuses = (f"http_{status}" for status in (500, 502, 503, 504))
    return [
        directive("proxy_cache_use_stale", *failures, *statuses),
        directive("proxy_cache_background_update", "on"),
    ]


def _client(header: str) -> str:
    return f"$http_{header.lower().replace('-', '_')}"


def _named(backend: RoutedService) -> str:
    return f"cache-{backend.name}"


def _variable(backend: RoutedService) -> str:
    return f"$from_cache_of_{backend.identifier}"
