"""Serves files that services write, such as uploads. Anybody may have made their content."""

from proxy.edge.access import access_check
from proxy.headers import added_headers
from proxy.site import Media, RoutedService, Site
from proxy.syntax import Node, block, directive, group, quoted
from proxy.variables import EMPTY, table

# A page shows these as they are. All else could run in it, and is saved by browsers instead.
_HARMLESS = (
    *("avif", "bmp", "gif", "ico", "jpe?g", "png", "tiff?", "webp"),
    *("aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav", "weba"),
    *("m4v", "mov", "mp4", "mpeg", "ogv", "webm"),
    *("pdf", "txt"),
)
_SHOWN = quoted(rf"~*[.]({'|'.join(_HARMLESS)})$")
_FOR_A_WHILE = "public, max-age=60"


def media_tables(site: Site) -> Node:
    """Declare the headers of media; nothing if no service has any."""
    if not any(backend.media for backend in site.backends):
        return group()
    return group(
        table(
            "$media_file",
            "$media_disposition",
            {"default": "attachment", _SHOWN: EMPTY},
            note="Files that services write: what could run in a page is saved instead.",
        ),
        table(
            "$media_disposition",
            "$media_policy",
            {"default": quoted("default-src 'none'; sandbox"), EMPTY: "$content_policy"},
        ),
    )


def media_files(backend: RoutedService, prefix: str, media: Media) -> Node:
    """Serve one folder of a service's media; the service is asked for what is no file there."""
    start = f"{prefix}{media.path}".replace(".", "[.]")
    return block(
        f"location ~ {quoted(f'^{start}/(?<media_file>.*[^/])$')}",
        directive("set", "$service", backend.name),
        access_check(backend),
        directive("root", media.folder),
        directive("disable_symlinks", "on", f"from={media.folder}"),
        directive("try_files", "/$media_file", f"@{backend.name}-pages"),
        directive("max_ranges", 16),
        directive("charset", "utf-8"),
        directive("charset_types", "text/plain"),
        added_headers({"Content-Security-Policy": "$media_policy"}),
        directive("add_header", "Content-Disposition", "$media_disposition"),
        directive("add_header", "Cache-Control", quoted(_FOR_A_WHILE)),
        note="Files that the service writes.",
    )
