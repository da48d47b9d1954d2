"""Configures bare nginx, Caddy and HAProxy, with the headers of ours, on the same files."""

from __future__ import annotations

from proxy import paths
from proxy.edge.policies import CONTENT_POLICY
from proxy.logs import FIELDS

PORT = 8080
PACKAGES = ("caddy", "haproxy")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": CONTENT_POLICY,
    "Cache-Control": "public, max-age=31536000, immutable",
}
_OURS = {"$checked_request_id": "$request_id", "$service": "plain"}


def bare(*, log: bool = True) -> str:
    """Write an nginx.conf as one would by hand who knows where the time goes."""
    fields = (f'"{name}":"{_OURS.get(value, value)}"' for name, value in FIELDS.items())
    added = {"X-Request-ID": "$request_id", **HEADERS}
    headers = "\n".join(f'add_header {name} "{value}" always;' for name, value in added.items())
    written = f"access_log {paths.ACCESS_LOG} json buffer=64k flush=1s;"
    return f"""
worker_processes 1;
pcre_jit on;
pid /tmp/bare.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    log_format json escape=json '{{{",".join(fields)}}}';
    {written if log else "access_log off;"}
    sendfile off;
    output_buffers 1 128k;
    open_file_cache max=2000 inactive=60s;
    open_file_cache_valid 30s;
    keepalive_requests 10000;
    server_tokens off;
    {headers}
    server {{
        listen {PORT} backlog=4096;
        location /static/ {{ alias {paths.static("plain")}/; }}
    }}
}}
"""


def caddy() -> str:
    """Write a Caddyfile; the log is a file, too."""
    headers = "\n".join(f'header {name} "{value}"' for name, value in HEADERS.items())
    return f"""
{{
    admin off
    auto_https off
}}
:{PORT} {{
    log {{
        output file {paths.LOG_DIRECTORY}/caddy.log
    }}
    {headers}
    handle_path /static/* {{
        root * {paths.static("plain")}
        file_server
    }}
}}
"""


def haproxy(files: list[str]) -> str:
    """Write a haproxy.cfg, which has the files in memory: it serves none. It logs to no file."""
    headers = " ".join(f'hdr {name} "{value}"' for name, value in HEADERS.items())
    answers = "\n".join(
        f"    http-request return status 200 content-type text/css"
        f" file {paths.static('plain')}/{file} {headers} if {{ path /static/{file} }}"
        for file in files
    )
    return f"""
global
    maxconn 4096
    nbthread 1
    tune.bufsize 131072
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend plain
    bind :{PORT}
{answers}
"""
