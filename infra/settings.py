"""Settings of one stack: read once from its configuration, validated, frozen.

Every key stands with its meaning and default in ``Pulumi.dev.yaml``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from webstack.contract import plain_text

NAMESPACE = "webstack"

# The settings that something else than the program reads (the command: which engine to use).
_FOREIGN = {"engine"}

_NAME = r"^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
_PATH = r"^/([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*)?$"
_HOST_NAME = r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
_DIRECTORY = r"^/[^:\s]+$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"
_IN_WORDS = {
    _MOMENT: "a moment in UTC, such as 2026-12-24T18:00:00Z",
    _NAME: "a name of small letters, digits and dashes, a letter first, 31 at most",
    _VARIABLE: "the name of an environment variable",
    _PATH: "a path such as / or /shop, without a slash at its end",
    _HOST_NAME: "a host name such as shop.example.com",
    _DIRECTORY: "an absolute folder inside the container",
}
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
Variable = Annotated[str, msgspec.Meta(pattern=_VARIABLE)]
Path = Annotated[str, msgspec.Meta(pattern=_PATH)]
HostName = Annotated[str, msgspec.Meta(pattern=_HOST_NAME)]
Directory = Annotated[str, msgspec.Meta(pattern=_DIRECTORY)]
Moment = Annotated[str, msgspec.Meta(pattern=_MOMENT)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Cpus = Annotated[float, msgspec.Meta(ge=0.1, le=256)]
Mebibytes = Annotated[int, msgspec.Meta(ge=16)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=3600)]


class SettingsError(ValueError):
    """A setting is wrong; the message names its key, what is wrong and what to do, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(plain_text.line(message))


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of the settings; a key that it does not know is an error."""


class Secret(_Section, frozen=True):
    """Where a secret variable comes from: made once by the stack, or a secret setting.

    Raising ``serial`` rotates a generated secret, and rolls the service in both cases.
    """

    serial: Positive = 1
    setting: str | None = None


class Service(_Section, frozen=True):
    """One web service; sizes in MiB, times in seconds."""

    source: str
    path: Path | None = None
    hosts: tuple[HostName, ...] = ()
    port: Port | None = None
    replicas: Annotated[int, msgspec.Meta(ge=1, le=32)] = 1
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] = 4
    cpus: Cpus = 1.0
    memory: Mebibytes = 256
    pids: Annotated[int, msgspec.Meta(ge=16, le=32768)] = 128
    environment: dict[Variable, str] = {}
    secret_environment: dict[Variable, Secret] = {}
    health: Path = "/healthz"
    static: Directory | None = None
    data: Directory | None = None
    writable: dict[Directory, Mebibytes] = {}
    command: tuple[str, ...] | None = None
    before_release: tuple[str, ...] | None = None
    seed: tuple[str, ...] | None = None
    outbound: bool = False
    reload: Directory | None = None
    timeout: Seconds = 30
    body_limit: Positive = 10
    start_timeout: Seconds = 60
    grace: Seconds | None = None

    @property
    def worker_count(self) -> int:
        """Worker processes: as set, else two for each CPU that the container may use.

        One where code is edited: the tools of developers remember requests in their own process.
        """
        return self.workers or (1 if self.reload else max(2, round(self.cpus * 2)))

    @property
    def grace_time(self) -> int:
        """What a container that stops gets: as set, else as long as the longest request."""
        return self.grace or self.timeout


class Proxy(_Section, frozen=True):
    """Limits of the proxy's containers."""

    cpus: Cpus = 1.0
    memory: Mebibytes = 128
    pids: Annotated[int, msgspec.Meta(ge=16, le=32768)] = 64


class Settings(_Section, frozen=True):
    """The settings of one stack."""

    services: dict[Name, Service]
    hosts: tuple[HostName, ...] = ("localhost", "127.0.0.1")
    bind: str = "127.0.0.1"
    port: Port = 8080
    debug: bool = False
    proxy: Proxy = Proxy()
    debian: str = (
        "debian:trixie-slim@sha256:d7e12182ce18b85b93007c1dedf31f2d29e01ccf3182cc4017c709b6259bc132"
    )
    certificates: str | None = None
    releases: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    environment: Name | None = None
    expires: Moment | None = None
    policies: dict[str, str] = {}


def read(config: Mapping[str, str]) -> Settings:
    """Settings from configuration as Pulumi gives it: ``namespace:key`` to text or JSON.

    Raises SettingsError for the first key that is wrong.
    """
    prefix = f"{NAMESPACE}:"
    raw = {
        key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)
    }
    services = {
        _service_name(name): _convert(body, Service, f"services.{name}")
        for name, body in _mapping(raw, "services").items()
    }
    values = {
        key: _convert(_parsed(key, raw[key]), _FIELDS[key].type, key)
        for key in _known(raw, services)
    }
    settings = Settings(services=services, **values)
    _check_routes(settings)
    return settings


def without_reload(settings: Settings) -> Settings:
    """The same, with no source mounted from this machine."""
    services = {
        name: msgspec.structs.replace(service, reload=None)
        for name, service in settings.services.items()
    }
    return msgspec.structs.replace(settings, services=services)


def set_values(section: msgspec.Struct) -> dict[str, Any]:
    """What a section of the settings says, without what it leaves unsaid."""
    values: dict[str, Any] = msgspec.to_builtins(section)
    return {key: value for key, value in values.items() if value not in (None, [], {})}


_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


def _known(raw: Mapping[str, str], services: Mapping[str, Service]) -> list[str]:
    """The keys to convert; refuses those that neither the settings nor a secret names."""
    secret_settings = {
        secret.setting
        for service in services.values()
        for secret in service.secret_environment.values()
    }
    for name, service in services.items():
        for variable, secret in service.secret_environment.items():
            if secret.setting is not None and secret.setting not in raw:
                raise SettingsError(
                    f"{NAMESPACE}:services.{name}.secret_environment.{variable}: the setting "
                    f"{secret.setting} is not set; run "
                    f"`webstack config set --secret {NAMESPACE}:{secret.setting}`"
                )
    for key in raw:
        if key not in _FIELDS and key not in _FOREIGN and key not in secret_settings:
            raise SettingsError(f"{NAMESPACE}:{key}: unknown setting{_suggestion(key, _FIELDS)}")
    return [key for key in raw if key in _FIELDS and key != "services"]


def _parsed(key: str, text: str) -> Any:
    if _FIELDS[key].type is str:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _mapping(raw: Mapping[str, str], key: str) -> dict[str, Any]:
    try:
        value = json.loads(raw.get(key, "{}"))
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not value:
        raise SettingsError(
            f"{NAMESPACE}:{key}: expected at least one service, as name: {{source: folder}}"
        )
    return value


def _service_name(name: str) -> str:
    return str(_convert(name, Name, f"services.{name}"))


def _convert(value: Any, type_: Any, key: str) -> Any:
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise SettingsError(_explained(str(error), type_, key)) from None


def _explained(message: str, type_: Any, key: str) -> str:
    """One line of ours from a validation message such as "Expected `int`, … - at `$.port`"."""
    problem, _, where = message.partition(" - at ")
    path = key + where.strip("`").removeprefix("$").replace("[...]", ".*")
    if unknown := re.search(r"unknown field `(.+)`", problem):
        fields = (
            [field.name for field in msgspec.structs.fields(type_)] if _is_struct(type_) else []
        )
        name = unknown.group(1)
        return f"{NAMESPACE}:{path}.{name}: unknown setting{_suggestion(name, fields)}"
    if missing := re.search(r"missing required field `(.+)`", problem):
        return f"{NAMESPACE}:{path}.{missing.group(1)}: required, but not set"
    for pattern, words in _IN_WORDS.items():
        problem = problem.replace(f"`str` matching regex {pattern!r}", words)
    return f"{NAMESPACE}:{path}: {problem[0].lower()}{problem[1:]}"


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _suggestion(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else "; see Pulumi.dev.yaml for all settings"


def _check_routes(settings: Settings) -> None:
    """Every service has a route, and no route has two services."""
    taken: dict[str, str] = dict.fromkeys(settings.hosts, "the stack itself (hosts)")
    for name, service in settings.services.items():
        if service.path is None and not service.hosts:
            raise SettingsError(f"{NAMESPACE}:services.{name}: no route; set path, hosts, or both")
        for route in (*([service.path] if service.path else []), *service.hosts):
            if route in taken:
                raise SettingsError(
                    f"{NAMESPACE}:services.{name}: the route {route} is taken by "
                    f"{taken[route]}; give one of them another path or host"
                )
            taken[route] = f"service {name}"
