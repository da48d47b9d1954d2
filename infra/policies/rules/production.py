"""Says what production asks for in addition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from infra.policies import Declared, Level, policy, stack_policy

_KEEPS_NO_DATA = (
    *("proxy-configuration", "proxy-links", "proxy-log", "proxy-spool", "proxy-static"),
    "metrics-store",  # a day of counts
)
_SERVES_NOBODY = ("relay", "background")
_OFF = ("", "0", "false", "no", "off")


@stack_policy(
    fix="set replicas: 2 of the service",
    default=Level.OFF,
    staging=Level.ADVISORY,
    production=Level.MANDATORY,
)
def replicas(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """Every service has two containers at least, so that one may fail."""
    of_service: dict[str, list[Declared]] = defaultdict(list)
    for resource in resources:
        labels = resource.labels if resource.kind == "Container" else {}
        service = labels.get("webstack.service")
        if service and labels.get("webstack.role") not in _SERVES_NOBODY:
            of_service[service].append(resource)
    for service, containers in sorted(of_service.items()):
        if len(containers) == 1:
            yield containers[0], f"is the only container of {service}"


@policy(
    fix="set webstack:debug: false",
    default=Level.OFF,
    staging=Level.MANDATORY,
    production=Level.MANDATORY,
)
def debug_off(resource: Declared) -> Iterator[str]:
    """No container runs with debugging on, which shows users its insides."""
    if resource.kind != "Container":
        return
    for line in resource.known("envs"):
        name, _, value = line.partition("=")
        if name.endswith("DEBUG") and value.lower() not in _OFF:
            yield f"has {name}={value}"


@policy(
    fix="declare it with ResourceOptions(protect=True)",
    default=Level.OFF,
    staging=Level.ADVISORY,
    production=Level.MANDATORY,
)
def protected_data(resource: Declared) -> Iterator[str]:
    """A volume on disk is protected, so that no change of the program takes its data away."""
    if resource.kind != "Volume" or resource.protect or resource.name in _KEEPS_NO_DATA:
        return
    if (resource.get("driverOpts") or {}).get("type") != "tmpfs":
        yield "is not protected"


@policy(
    fix="write what it is for as settings, or allow it: webstack:policies: {own-nginx: advisory}",
    default=Level.OFF,
    staging=Level.ADVISORY,
    production=Level.MANDATORY,
)
def own_nginx(resource: Declared) -> Iterator[str]:
    """No directives of nginx stand in the settings: they may undo whatever the proxy keeps."""
    if resource.type in ("webstack:service:WebService", "webstack:proxy:ReverseProxy"):
        words = resource.get("nginx") or {}
        if places := sorted(place for place, text in words.items() if str(text).strip()):
            yield f"has directives of nginx of its own ({', '.join(places)})"
