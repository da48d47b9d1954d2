"""Limits what the proxy keeps on disk for slow clients, so that they hold no thread.

A body is kept until it is whole, an answer until its client has read it. Each service has a share
of the disk. No more bodies or answers are kept at a time than fit into it, so the limit holds
whatever clients do. What does not fit is told at once.
"""

from dataclasses import dataclass

from proxy.edge.access import TOO_MANY, connection_limit, rate_limit
from proxy.site import RoutedService, Site
from proxy.syntax import Node, block, directive, group, quoted, remark, when
from proxy.variables import EMPTY, table

# Of a service's share: so many answers, each of so much of it; the rest is for bodies.
ANSWERS = 48
_ANSWER_PART = 128
# A body that takes more than this part of the share is passed on as it comes.
_BODY_PART = 64
# The largest that seven digits can tell, in MiB.
_SEVEN_DIGITS = 10
MEMORY = "16k"
"""What is kept of a body in memory alone."""

# Any codes will do that nginx has no use for.
_FULL_CODE = 420
_PASSED_CODE = 422
_UNTOLD_CODE = 425


@dataclass(frozen=True)
class Share:
    """Limits what is kept of one service at a time; sizes in MiB.

    ``passed`` is how many bodies too large for that are passed on as they come: none where all
    of them fit.
    """

    answer: int
    bodies: int
    passed: int


def share(backend: RoutedService) -> Share:
    """Divide the service's part of the disk. Half its threads may wait for slow large bodies."""
    answer = backend.spool // _ANSWER_PART
    fits = backend.body_limit <= backend.spool // _BODY_PART
    body = backend.body_limit if fits else min(backend.body_limit, _SEVEN_DIGITS)
    left = backend.spool - ANSWERS * answer
    passed = 0 if fits else max(1, backend.threads // 2)
    return Share(answer=answer, bodies=max(1, left // (body + answer)), passed=passed)


def spool_tables(site: Site) -> Node:
    """Sort requests by the size of their bodies, and count what is kept for each service.

    nginx reloads no configuration in which a zone has another key than before.
    """
    return group(
        *(_untold_tables() if site.tls else []),
        table(
            '"$http_transfer_encoding$content_length"',
            "$body",
            {
                "default": "large",
                EMPTY: "$untold" if site.tls else EMPTY,
                '"~^[0-9]{1,4}$"': EMPTY,
                '"~^[0-9]{5,7}$"': "kept",
            },
            note="Bodies: in memory, on disk, or of ten megabytes or no told size.",
        ),
        table("$body", "$with_body", {"default": "$spooled", EMPTY: EMPTY}),
        table("$body", "$without_body", {"default": EMPTY, EMPTY: "$spooled"}),
        remark("What is kept for slow clients is counted, by service."),
        directive("limit_conn_zone", "$with_body", "zone=bodies:64k"),
        directive("limit_conn_zone", "$without_body", "zone=answers:64k"),
        directive("limit_conn_zone", "$spooled", "zone=passed:64k"),
        directive("limit_conn_log_level", "info"),
        directive("client_body_buffer_size", MEMORY),
    )


def spool_pages(site: Site) -> Node:
    """Send what is not kept to the locations of the service that were chosen for it."""
    return group(
        directive("error_page", _FULL_CODE, "=", "@$service-full"),
        directive("error_page", _PASSED_CODE, "=", "@$service-passed"),
        *([directive("error_page", _UNTOLD_CODE, "=", "@$service-untold")] if site.tls else []),
    )


def chosen(backend: RoutedService) -> Node:
    """Count requests of this location for the service, and divert too large bodies.

    Locations inside of it inherit the limits, but not the name to count for.
    """
    aside = when("$body = large", directive("return", _PASSED_CODE))
    named = directive("set", "$spooled", backend.name)
    return group(named, *([aside] if share(backend).passed else []))


def untold(site: Site) -> Node:
    """Divert requests that most likely have no body, but might have one of any size."""
    return group(*([when("$maybe_body", directive("return", _UNTOLD_CODE))] if site.tls else []))


def kept(backend: RoutedService) -> Node:
    """Keep bodies and answers as far as the share allows."""
    limits = share(backend)
    if backend.connections:
        # nginx counts once, and tells one status: answers are then kept in memory alone.
        return group(kept_bodies(backend), directive("proxy_max_temp_file_size", 0))
    return group(
        directive("limit_conn", "bodies", limits.bodies),
        directive("limit_conn", "answers", ANSWERS),
        directive("limit_conn_status", _FULL_CODE),
        directive("proxy_max_temp_file_size", f"{limits.answer}m"),
    )


def kept_bodies(backend: RoutedService) -> Node:
    """Keep bodies only; what does not fit is told."""
    return group(
        directive("limit_conn", "bodies", share(backend).bodies),
        *_refused(backend),
    )


def _refused(backend: RoutedService) -> list[Node]:
    """Tell a client with too many requests under way from a spool without room, if there can be."""
    if not backend.connections:
        return [directive("limit_conn_status", 503)]
    return [connection_limit(backend), directive("limit_conn_status", TOO_MANY)]


def spool_locations(backend: RoutedService, passing: Node, small: Node, site: Site) -> Node:
    """Serve what is not kept. ``passing`` passes a request on, ``small`` one with little body."""
    passed = share(backend).passed
    return group(
        block(
            f"location @{backend.name}-full",
            when("$body", directive("return", 503)),
            small if site.tls else passing,
            directive("gzip", "off"),
        ),
        *([_untold(backend, small)] if site.tls else []),
        *([_passed(backend, passing, passed)] if passed else []),
    )


def _passed(backend: RoutedService, passing: Node, most: int) -> Node:
    return block(
        f"location @{backend.name}-passed",
        directive("limit_conn", "passed", most),
        rate_limit(backend),
        *_refused(backend),
        passing,
        directive("proxy_request_buffering", "off"),
    )


def _untold(backend: RoutedService, small: Node) -> Node:
    return block(
        f"location @{backend.name}-untold",
        kept(backend),
        rate_limit(backend),
        small,
        note="Over HTTP/2 nothing tells whether there is a body: one that is, is small.",
    )


def _untold_tables() -> list[Node]:
    """Sort HTTP/2 requests of no told size by method: they have a body, or they may have one."""
    return [
        table(
            quoted("$server_protocol $request_method"),
            "$untold",
            {"default": EMPTY, quoted("~^HTTP/2[.]0 (?!GET|HEAD|OPTIONS|DELETE|TRACE)"): "large"},
            note="Over HTTP/2 a body needs no told size.",
        ),
        table(
            quoted("$server_protocol$http_content_length$untold"),
            "$maybe_body",
            {"default": EMPTY, "HTTP/2.0": "1"},
        ),
    ]
