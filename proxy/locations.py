"""The locations of one service: its pages, its streams, its static files."""

from proxy.headers import added_headers
from proxy.paths import static
from proxy.site import Backend, Site
from proxy.spool import chosen, kept, kept_bodies, spool_locations
from proxy.syntax import Node, block, directive, group, quoted, remark, when
from proxy.variables import EMPTY

# Eight or more hex digits that stand alone or before extensions: css/app.55e7cbb9ba48.css
_HASHED = "(?<static_file>(.*[/.-])?[0-9a-f]{8,64}([.][A-Za-z0-9]+)*)"

_FOR_EVER = "public, max-age=31536000, immutable"

_TEXTS = (
    "application/javascript",
    "image/svg+xml",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
)

# Any code will do that nginx has no use for.
_STREAM_CODE = 419


def stream_pages() -> Node:
    """Send requests for streams to the location of the service that was chosen for them."""
    return directive("error_page", _STREAM_CODE, "=", "@$service-stream")


def service_locations(backend: Backend, prefix: str, site: Site) -> Node:
    """Serve one service under a prefix: "" or "/django"."""
    return group(
        remark(f"{backend.name} at {prefix}/"),
        *([_slash(backend, prefix)] if prefix else []),
        _pages(backend, prefix),
        _streams(backend, site),
        spool_locations(backend, group(_pass(backend), *_timeouts(backend.timeout))),
    )


def _slash(backend: Backend, prefix: str) -> Node:
    return block(
        f"location = {prefix}",
        directive("set", "$service", backend.name),
        directive("return", 308, f"{prefix}/$is_args$args"),
    )


def _pages(backend: Backend, prefix: str) -> Node:
    return block(
        f"location {prefix}/",
        directive("set", "$service", backend.name),
        directive("set", "$prefix", prefix or EMPTY),
        when('$checked_host = ""', directive("return", 400)),
        *([_as_written(prefix)] if prefix else []),
        chosen(backend),
        when("$stream", directive("return", _STREAM_CODE)),
        kept(backend),
        _pass(backend),
        *_timeouts(backend.timeout),
        *([_static_files(backend, prefix)] if backend.static else []),
    )


def _as_written(prefix: str) -> Node:
    """Refuse what nginx reads as the prefix but the service, which gets it raw, would not."""
    written = quoted(f"^{prefix}/".replace(".", "[.]"))
    return when(f"$request_uri !~ {written}", directive("return", 404))


def _streams(backend: Backend, site: Site) -> Node:
    return block(
        f"location @{backend.name}-stream",
        kept_bodies(backend),
        _pass(backend),
        directive("proxy_buffering", "off"),
        *_timeouts(site.stream_timeout),
    )


def _pass(backend: Backend) -> Node:
    return group(
        directive("proxy_pass", f"http://{backend.name}$request_uri"),
        directive("client_max_body_size", f"{backend.body_limit}m"),
    )


def _timeouts(seconds: int) -> list[Node]:
    return [directive(f"proxy_{step}_timeout", f"{seconds}s") for step in ("read", "send")]


def _static_files(backend: Backend, prefix: str) -> Node:
    escaped = prefix.replace(".", "[.]")
    return block(
        f"location ~ {quoted(f'^{escaped}/static/{_HASHED}$')}",
        directive("set", "$service", backend.name),
        directive("alias", f"{static(backend.name)}/$static_file"),
        directive("brotli_static", "on"),
        directive("gzip_static", "on"),
        directive("gzip", "off"),
        directive("charset", "utf-8"),
        directive("charset_types", *_TEXTS),
        directive("open_file_cache", "max=2000", "inactive=60s"),
        directive("open_file_cache_valid", "30s"),
        directive("log_not_found", "off"),
        added_headers(),
        directive("add_header", "Cache-Control", quoted(_FOR_EVER)),
        note="Names with a hash in them; the others are the service's own affair.",
    )
