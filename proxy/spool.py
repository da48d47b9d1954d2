"""Limits what the proxy keeps on disk for slow clients, so that they hold no thread.

A body is kept until it is whole, an answer until its client has read it. Each service has a share
of the disk, and no more of either is kept at a time than fits into it: that makes the bound hold
whatever clients do. What does not fit is told at once.
"""

from dataclasses import dataclass

from proxy.site import RoutedService
from proxy.syntax import Node, block, directive, group, remark, when
from proxy.variables import EMPTY, table

# Of a service's share: so many answers, each of so much of it; the rest is for bodies.
ANSWERS = 48
_ANSWER_PART = 128
# A body that takes more than this part of the share is passed on as it comes.
_BODY_PART = 64
# The largest that seven digits can tell, in MiB.
_SEVEN_DIGITS = 10
_MEMORY = "16k"

# Any codes will do that nginx has no use for.
_FULL_CODE = 420
_PASSED_CODE = 422


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


def spool_tables() -> Node:
    """Sort requests by the size of their bodies, and count what is kept for each service.

    nginx reloads no configuration in which a zone has another key than before.
    """
    return group(
        table(
            '"$http_transfer_encoding$content_length"',
            "$body",
            {
                "default": "large",
                EMPTY: EMPTY,
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
        directive("client_body_buffer_size", _MEMORY),
    )


def spool_pages() -> Node:
    """Send what is not kept to the locations of the service that were chosen for it."""
    return group(
        directive("error_page", _FULL_CODE, "=", "@$service-full"),
        directive("error_page", _PASSED_CODE, "=", "@$service-passed"),
    )


def chosen(backend: RoutedService) -> Node:
    """Count requests of this location for the service, and divert too large bodies.

    Locations inside of it inherit the limits, but not the name to count for.
    """
    aside = when("$body = large", directive("return", _PASSED_CODE))
    named = directive("set", "$spooled", backend.name)
    return group(named, *([aside] if share(backend).passed else []))


def kept(backend: RoutedService) -> Node:
    """Keep bodies and answers as far as the share allows."""
    limits = share(backend)
    return group(
        directive("limit_conn", "bodies", limits.bodies),
        directive("limit_conn", "answers", ANSWERS),
        directive("limit_conn_status", _FULL_CODE),
        directive("proxy_max_temp_file_size", f"{limits.answer}m"),
    )


def kept_bodies(backend: RoutedService) -> Node:
    """Keep bodies only; others get a 503."""
    return group(
        directive("limit_conn", "bodies", share(backend).bodies),
        directive("limit_conn_status", 503),
    )


def spool_locations(backend: RoutedService, passing: Node) -> Node:
    """Serve what is not kept. ``passing`` passes a request on."""
    passed = share(backend).passed
    return group(
        block(
            f"location @{backend.name}-full",
            when("$body", directive("return", 503)),
            passing,
            directive("gzip", "off"),
        ),
        *([_passed(backend, passing, passed)] if passed else []),
    )


def _passed(backend: RoutedService, passing: Node, most: int) -> Node:
    return block(
        f"location @{backend.name}-passed",
        directive("limit_conn", "passed", most),
        directive("limit_conn_status", 503),
        passing,
        directive("proxy_request_buffering", "off"),
    )
