"""Writes the locations of static files: of those whose names carry their content, and others."""

from proxy.edge.access import access_check
from proxy.headers import added_headers
from proxy.paths import static
from proxy.site import RoutedService, Site
from proxy.static_names import HASHED
from proxy.syntax import Node, block, directive, group, quoted

_FOR_EVER = "public, max-age=31536000, immutable"
# Kept, and asked for by its ETag at each use.
_UNTIL_IT_CHANGES = "public, no-cache"

_TEXTS = (
    "application/javascript",
    "image/svg+xml",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
)


# Small as a rule. All others leave by sendfile, which is dear for small files and cheap for large.
_TEXT_SUFFIXES = ("css", "html", "js", "json", "map", "mjs", "svg", "txt", "webmanifest", "xml")
_COPIED = f"(?=.*[.](?:{'|'.join(_TEXT_SUFFIXES)})$)"


def static_files(backend: RoutedService, prefix: str, site: Site) -> Node:
    """Serve the static files of one service under a prefix, at each of their paths."""
    served = backend.static_paths if backend.static else ()
    return group(
        *(_hidden_files(backend, prefix, path, site) for path in served),
        *(_hashed_files(backend, prefix, path) for path in served),
        *(_other_files(backend, prefix, path) for path in served),
    )


def _hidden_files(backend: RoutedService, prefix: str, path: str, site: Site) -> Node:
    """Serve no name that begins with a dot, nor what tells the sources unless that is asked."""
    escaped = f"{prefix}{path}".replace(".", "[.]")
    maps = "" if site.source_maps else "|.*[.]map(?:[.](?:br|gz))?$"
    return block(
        f"location ~ {quoted(f'^{escaped}/(?:(?:.*/)?[.](?!well-known/){maps})')}",
        directive("set", "$service", backend.name),
        directive("return", 404),
        note="Names that begin with a dot." if site.source_maps else "Dot files and source maps.",
    )


def _hashed_files(backend: RoutedService, prefix: str, path: str) -> Node:
    copied = (directive("sendfile", "off"), directive("output_buffers", 1, "128k"))
    return group(
        _hashed(backend, prefix, path, _COPIED, *copied, note="Names with a hash in them: texts."),
        _hashed(backend, prefix, path, note="Names with a hash in them: all others."),
    )


def _hashed(
    backend: RoutedService, prefix: str, path: str, which: str = "", *more: Node, note: str
) -> Node:
    escaped = f"{prefix}{path}".replace(".", "[.]")
    return block(
        f"location ~ {quoted(f'^{escaped}/{which}(?<static_file>{HASHED})$')}",
        directive("set", "$service", backend.name),
        access_check(backend),
        directive("alias", f"{static(backend.name, path)}/$static_file"),
        *_file_types(),
        *more,
        directive("open_file_cache", "max=2000", "inactive=60s"),
        directive("open_file_cache_valid", "30s"),
        directive("log_not_found", "off"),
        added_headers(),
        directive("add_header", "Cache-Control", quoted(_FOR_EVER)),
        note=note,
    )


def _other_files(backend: RoutedService, prefix: str, path: str) -> Node:
    escaped = f"{prefix}{path}".replace(".", "[.]")
    return block(
        f"location ~ {quoted(f'^{escaped}/(?<static_file>.+)$')}",
        directive("set", "$service", backend.name),
        access_check(backend),
        directive("root", static(backend.name, path)),
        directive("try_files", "/$static_file", f"@{backend.name}-pages"),
        *_file_types(),
        added_headers(),
        directive("add_header", "Cache-Control", quoted(_UNTIL_IT_CHANGES)),
        note="Other names, as the release in force has them; without a file the service is asked.",
    )


def _file_types() -> list[Node]:
    return [
        directive("brotli_static", "on"),
        directive("gzip_static", "on"),
        directive("gzip", "off"),
        directive("charset", "utf-8"),
        directive("charset_types", *_TEXTS),
    ]
