"""Writes the text of nginx.conf for a site."""

from proxy.closing import closing_pages
from proxy.counting import counted_requests
from proxy.edge.access import access_tables
from proxy.edge.clients import client_tables, forwarded
from proxy.edge.login import login_tables, without_passwords
from proxy.edge.maintenance import maintenance_table
from proxy.edge.policies import policy_tables
from proxy.edge.tls import hsts_table, tls_settings
from proxy.errors import error_pages, error_tables
from proxy.headers import headers
from proxy.http_settings import http_settings
from proxy.logs import access_log
from proxy.paths import REFUSALS, RUNTIME_DIRECTORY
from proxy.servers import servers, upstreams
from proxy.service.caching import cache_tables
from proxy.service.locations import stream_pages
from proxy.service.media import media_tables
from proxy.service.prefixes import prefix_tables
from proxy.service.redirects import redirect_tables
from proxy.service.spool import spool_pages, spool_tables
from proxy.site import Site
from proxy.syntax import Node, block, directive, group, own_words, remark, text
from proxy.variables import variables

_CONNECTIONS = 4096
_MODULES_DIRECTORY = "/usr/lib/nginx/modules"


def render(site: Site) -> str:
    """Write the whole nginx.conf of a site. The same site always gives the same text."""
    return text(
        remark("Made from the settings of the stack; change those, not this file."),
        _process(site),
        block(
            "http",
            http_settings(),
            headers({**forwarded(site), **without_passwords(site)}),
            access_log(cached=any(each.cache for each in site.backends)),
            counted_requests(site),
            error_pages(),
            stream_pages(),
            spool_pages(site),
            closing_pages(site),
            variables(),
            prefix_tables(site),
            *([redirect_tables()] if site.redirect_hosts else []),
            media_tables(site),
            hsts_table(site.tls),
            tls_settings(site),
            client_tables(site),
            maintenance_table(),
            access_tables(site),
            login_tables(site),
            policy_tables(site),
            spool_tables(site),
            cache_tables(site),
            error_tables(),
            own_words(site.http_words),
            upstreams(site),
            servers(site),
        ),
    )


def _process(site: Site) -> Node:
    """Declare what stands outside of `http`. nginx runs without root, so no user is set."""
    return group(
        directive("load_module", f"{_MODULES_DIRECTORY}/ngx_http_brotli_static_module.so"),
        directive("pid", f"{RUNTIME_DIRECTORY}/nginx.pid"),
        # Warnings would tell of every body and answer that is kept on disk.
        directive("error_log", "stderr", "error"),
        directive("error_log", REFUSALS, "emerg"),
        directive("worker_processes", site.workers),
        directive("pcre_jit", "on"),
        directive("worker_rlimit_nofile", 2 * _CONNECTIONS),
        remark("Streams outlive a reload in the old worker, but not for ever."),
        directive("worker_shutdown_timeout", f"{site.stream_timeout}s"),
        block("events", directive("worker_connections", _CONNECTIONS)),
    )
