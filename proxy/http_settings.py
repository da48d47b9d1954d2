"""Declares what holds for every server: files, limits, passing on, compression."""

from proxy.paths import RUNTIME_DIRECTORY, SPOOL_DIRECTORY
from proxy.syntax import Node, block, directive, group, remark

COMPRESSED_TYPES = (
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/problem+json",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
)

_KEPT = ("client_body", "proxy")
_UNUSED = ("fastcgi", "uwsgi", "scgi")


def http_settings() -> Node:
    """Declare everything that servers inherit, except headers, logs and errors."""
    return group(_files(), _limits(), _requests(), _passing(), _compression())


def _files() -> Node:
    return group(
        directive("include", "/etc/nginx/mime.types"),
        block(
            "types",
            directive("text/javascript", "mjs"),
            directive("application/manifest+json", "webmanifest"),
            note="Unknown to the list of nginx.",
        ),
        directive("default_type", "application/octet-stream"),
        *(directive(f"{what}_temp_path", f"{SPOOL_DIRECTORY}/{what}") for what in _KEPT),
        *(directive(f"{what}_temp_path", f"{RUNTIME_DIRECTORY}/{what}") for what in _UNUSED),
        # Without tcp_nopush: with it, head and file of a small answer cost three times as much.
        directive("sendfile", "on"),
        directive("types_hash_max_size", 2048),
        directive("server_names_hash_bucket_size", 512),
        directive("server_names_hash_max_size", 2048),
        directive("proxy_headers_hash_max_size", 1024),
        directive("proxy_headers_hash_bucket_size", 128),
    )


def _limits() -> Node:
    return group(
        remark("How long a slow client may take between two parts of what it sends or reads."),
        directive("client_header_timeout", "10s"),
        directive("client_body_timeout", "20s"),
        directive("send_timeout", "30s"),
        directive("keepalive_timeout", "75s"),
        directive("keepalive_requests", 10000),
        directive("reset_timedout_connection", "on"),
        directive("large_client_header_buffers", 4, "8k"),
        remark("Each service has its own limit; error pages, which measure again, have none."),
        directive("client_max_body_size", 0),
    )


def _requests() -> Node:
    return group(
        remark("What is odd about a request is dropped or refused."),
        directive("server_tokens", "off"),
        directive("ignore_invalid_headers", "on"),
        directive("underscores_in_headers", "off"),
        directive("merge_slashes", "on"),
        directive("absolute_redirect", "off"),
    )


def _passing() -> Node:
    return group(
        remark(
            "Another replica is asked only where one could not be reached or broke off, and\n"
            "then not for a request that changes something and was sent."
        ),
        directive("proxy_next_upstream", "error"),
        directive("proxy_http_version", "1.1"),
        directive("proxy_redirect", "off"),
        directive("proxy_connect_timeout", "2s"),
        directive("proxy_buffer_size", "16k"),
        directive("proxy_buffers", 4, "16k"),
        directive("proxy_busy_buffers_size", "32k"),
        directive("proxy_max_temp_file_size", 0),
    )


def _compression() -> Node:
    return group(
        remark("Answers of services; static files are compressed when the image is built."),
        directive("gzip", "on"),
        directive("gzip_comp_level", 4),
        directive("gzip_min_length", 1024),
        directive("gzip_proxied", "any"),
        directive("gzip_vary", "on"),
        directive("gzip_types", *COMPRESSED_TYPES),
    )
