"""Writes the locations of one service: its pages, its streams, its static files."""

from proxy.closing import looked_at_anew
from proxy.edge.access import access_check, counted_for, rate_limit
from proxy.edge.clients import forwarded
from proxy.edge.login import login_check
from proxy.edge.maintenance import maintenance_check
from proxy.edge.policies import replaced
from proxy.service.caching import cache_check, cache_location
from proxy.service.media import media_files
from proxy.service.prefixes import as_written, put_below, target, told_prefix
from proxy.service.redirects import redirect_locations
from proxy.service.spool import MEMORY, chosen, kept, kept_bodies, spool_locations, untold
from proxy.service.static import static_files
from proxy.site import RoutedService, Site
from proxy.syntax import Node, block, directive, group, own_words, remark, when

# Any code will do that nginx has no use for.
_STREAM_CODE = 419


def stream_pages() -> Node:
    """Send requests for streams to the location of the service that was chosen for them."""
    return directive("error_page", _STREAM_CODE, "=", "@$service-stream")


def service_locations(backend: RoutedService, prefix: str, site: Site) -> Node:
    """Serve one service under a prefix: "" or "/django"."""
    return group(
        remark(f"{backend.name} at {prefix}/"),
        *([_slash(backend, prefix)] if prefix else []),
        redirect_locations(backend.redirects, prefix),
        _pages(backend, prefix, site),
        *([_other_pages(backend, prefix, site)] if backend.static or backend.media else []),
        _streams(backend, prefix, site),
        cache_location(backend, _passing(backend, prefix), forwarded(site)),
        spool_locations(
            backend, _passing(backend, prefix), _passing(backend, prefix, MEMORY), site
        ),
    )


def _slash(backend: RoutedService, prefix: str) -> Node:
    return block(
        f"location = {prefix}",
        directive("set", "$service", backend.name),
        access_check(backend),
        directive("return", 308, f"{prefix}/$is_args$args"),
    )


def _pages(backend: RoutedService, prefix: str, site: Site) -> Node:
    return block(
        f"location {prefix}/",
        *_passed_on(backend, prefix, site),
        *(media_files(backend, prefix, media) for media in backend.media),
        static_files(backend, prefix, site),
    )


def _other_pages(backend: RoutedService, prefix: str, site: Site) -> Node:
    """Pass on requests that look like a file but are for none."""
    return block(f"location @{backend.name}-pages", *_passed_on(backend, prefix, site))


def _passed_on(backend: RoutedService, prefix: str, site: Site) -> list[Node]:
    return [
        directive("set", "$service", backend.name),
        looked_at_anew(),
        told_prefix(backend, prefix),
        when('$checked_host = ""', directive("return", 400)),
        access_check(backend),
        counted_for(backend),
        maintenance_check(backend),
        *([as_written(backend, prefix)] if prefix else []),
        chosen(backend),
        when("$stream", directive("return", _STREAM_CODE)),
        cache_check(backend, prefix),
        untold(site),
        kept(backend),
        rate_limit(backend),
        _passing(backend, prefix),
    ]


def _passing(backend: RoutedService, prefix: str, most: str = "") -> Node:
    return group(_pass(backend, prefix, most), *_timeouts(backend.timeout))


def _streams(backend: RoutedService, prefix: str, site: Site) -> Node:
    return block(
        f"location @{backend.name}-stream",
        kept_bodies(backend),
        rate_limit(backend),
        _pass(backend, prefix),
        directive("proxy_buffering", "off"),
        # A body that may be there, of no told size, is not kept either.
        *([directive("proxy_request_buffering", "off")] if site.tls else []),
        *_timeouts(site.stream_timeout),
    )


def _pass(backend: RoutedService, prefix: str, most: str = "") -> Node:
    return group(
        directive("proxy_pass", f"http://{backend.name}{target(backend, prefix)}"),
        put_below(backend, prefix),
        replaced(backend),
        login_check(backend),
        own_words(backend.location_words),
        directive("client_max_body_size", most or f"{backend.body_limit}m"),
    )


def _timeouts(seconds: int) -> list[Node]:
    return [directive(f"proxy_{step}_timeout", f"{seconds}s") for step in ("read", "send")]
