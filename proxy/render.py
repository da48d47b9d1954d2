"""Writes the text of nginx.conf for a site."""

from proxy.closing import closing_pages
from proxy.errors import error_pages, error_tables
from proxy.headers import headers
from proxy.http_settings import http_settings
from proxy.locations import stream_pages
from proxy.logs import access_log
from proxy.prefixes import prefix_tables
from proxy.process import process
from proxy.redirects import redirect_tables
from proxy.servers import servers, upstreams
from proxy.site import Site
from proxy.spool import spool_pages, spool_tables
from proxy.syntax import block, remark, text
from proxy.variables import variables


def render(site: Site) -> str:
    """Write the whole nginx.conf of a site. The same site always gives the same text."""
    return text(
        remark("Made from the settings of the stack; change those, not this file."),
        process(site),
        block(
            "http",
            http_settings(),
            headers(),
            access_log(),
            error_pages(),
            stream_pages(),
            spool_pages(),
            closing_pages(),
            variables(),
            prefix_tables(site),
            *([redirect_tables()] if site.redirect_hosts else []),
            spool_tables(),
            error_tables(),
            upstreams(site),
            servers(site),
        ),
    )
