"""Declares the part of nginx.conf outside `http`: processes, error logs, connections."""

from proxy.paths import RUNTIME_DIRECTORY
from proxy.site import Site
from proxy.syntax import Node, block, directive, group, remark

CONNECTIONS = 4096
MODULES_DIRECTORY = "/usr/lib/nginx/modules"


def process(site: Site) -> Node:
    """Declare the processes. nginx runs without root, so no user is set."""
    return group(
        directive("load_module", f"{MODULES_DIRECTORY}/ngx_http_brotli_static_module.so"),
        directive("pid", f"{RUNTIME_DIRECTORY}/nginx.pid"),
        # Warnings would tell of every body and answer that is kept on disk.
        directive("error_log", "stderr", "error"),
        directive("worker_processes", site.workers),
        directive("worker_rlimit_nofile", 2 * CONNECTIONS),
        remark("Streams outlive a reload in the old worker, but not for ever."),
        directive("worker_shutdown_timeout", f"{site.stream_timeout}s"),
        block("events", directive("worker_connections", CONNECTIONS)),
    )
