"""What still stands between a service and production: by its settings, and by its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from webstack.cli.applications.environment import is_secret
from webstack.cli.applications.findings import Application
from webstack.contract.health_check import HealthCheck

PRODUCTION = "production"
_DEVELOPMENT = re.compile(r"\b(runserver|flask run|--reload|--debug|npm run dev|vite)\b")
_LOCAL = re.compile(r"(^|\.)localhost$|^127\.")
_FOUND_ALONE = ("static", "before_release")
"""What may be missing in the settings without a word from anybody."""


@dataclass(frozen=True)
class Readiness:
    """One thing that was looked at, and whether production can have it so."""

    ok: bool
    topic: str
    fact: str


def readiness(
    name: str,
    config: Mapping[str, Any],
    application: Application | None,
    in_production: Mapping[str, Any] | None,
) -> list[Readiness]:
    """Look at a service of these settings.

    ``application`` is what its files say, where they can be read; ``in_production`` the service
    in the settings of production, where that stack has it.
    """
    service = in_production or _services(config)[name]
    looks = (
        _placed(name, in_production),
        _routed(service),
        _started(service),
        _asked(service),
        _doubled(service),
        _hidden(service),
        _kept(service),
        *(_missed(service, application) if application else ()),
        *(Readiness(False, "unsolved", str(each)) for each in _left(service, application)),
    )
    return [each for each in looks if each]


def _services(config: Mapping[str, Any]) -> Mapping[str, Any]:
    return config.get("webstack:services") or {}


def _placed(name: str, service: Mapping[str, Any] | None) -> Readiness:
    if service is None:
        fact = f"{name} is not in Pulumi.{PRODUCTION}.yaml; add it there, as it is here"
        return Readiness(False, "stack", fact)
    return Readiness(True, "stack", f"{name} is in Pulumi.{PRODUCTION}.yaml")


def _routed(service: Mapping[str, Any]) -> Readiness:
    hosts = [str(host) for host in service.get("hosts") or ()]
    if hosts and all(_LOCAL.search(host) for host in hosts) and not service.get("path"):
        fact = f"only this machine knows {', '.join(hosts)}; hosts: [www.example.com]"
        return Readiness(False, "hosts", fact)
    return Readiness(True, "hosts", ", ".join(filter(None, [service.get("path"), *hosts])))


def _started(service: Mapping[str, Any]) -> Readiness:
    command = " ".join(map(str, service.get("command") or ()))
    if _DEVELOPMENT.search(command):
        fact = f"{command} is for development; app: module:name has it served by gunicorn"
        return Readiness(False, "command", fact)
    if service.get("reload"):
        return Readiness(False, "reload", "its source is mounted from this machine; remove reload")
    return Readiness(True, "command", command or str(service.get("app") or "that of its image"))


def _asked(service: Mapping[str, Any]) -> Readiness:
    said = service.get("health") or "/healthz"
    try:
        check = msgspec.convert({"path": said} if isinstance(said, str) else said, HealthCheck)
    except msgspec.ValidationError as error:
        return Readiness(False, "health", str(error))
    if check.path == "/" or check.accepts(404):
        fact = (
            f"{check.path} with {check.accepted} says little of how it is; health: /path of a page "
            "that fails when it cannot work"
        )
        return Readiness(False, "health", fact)
    return Readiness(True, "health", check.path)


def _doubled(service: Mapping[str, Any]) -> Readiness:
    if int(service.get("replicas") or 1) < 2:
        return Readiness(False, "replicas", "one container; with replicas: 2 one may fail")
    return Readiness(True, "replicas", str(service["replicas"]))


def _hidden(service: Mapping[str, Any]) -> Readiness:
    plain = [name for name in service.get("environment") or {} if is_secret(str(name))]
    if plain:
        fact = f"{', '.join(plain)} can be read in the settings; secret_environment hides it"
        return Readiness(False, "secrets", fact)
    return Readiness(True, "secrets", "none stands in environment")


def _kept(service: Mapping[str, Any]) -> Readiness | None:
    words = " ".join(map(str, (service.get("environment") or {}).values()))
    if "sqlite:" in words or service.get("data"):
        fact = "its data is on this machine alone; have something copy it elsewhere"
        return Readiness(False, "data", fact)
    return None


def _missed(service: Mapping[str, Any], application: Application) -> Iterator[Readiness]:
    for key in _FOUND_ALONE:
        value = application.value(key)
        if value and not service.get(key):
            source = next(each.source for each in application.settings if each.key == key)
            shown = f"[{', '.join(value)}]" if isinstance(value, list) else value
            yield Readiness(False, key, f"not set; by {source}: {key}: {shown}")


def _left(service: Mapping[str, Any], application: Application | None) -> Iterator[Any]:
    """Give what was not solved, without the variables that the settings have by now."""
    named = {*(service.get("environment") or {}), *(service.get("secret_environment") or {})}
    for each in application.unsolved if application else ():
        if not each.variable or each.variable not in named:
            yield each
