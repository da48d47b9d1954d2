"""Settings of one stack: its sections, frozen.

Every key stands with its meaning and default in ``Pulumi.dev.yaml``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from infra.settings.data_servers import Postgres, StackBackups, Valkey, ValkeyBroker
from infra.settings.observe import Observe
from infra.settings.roles import CronJob, Role
from infra.settings.stateful import Stateful
from infra.settings.tls import Mode, Tls
from infra.settings.types import (
    Application,
    Command,
    CookieName,
    Cpus,
    Directory,
    FromSetting,
    HeaderName,
    HostName,
    ImageName,
    KeptName,
    Line,
    LongSeconds,
    Machine,
    Mebibytes,
    Moment,
    Name,
    Network,
    Path,
    PolicyText,
    Port,
    Processes,
    RedirectSource,
    RedirectTarget,
    Seconds,
    Secret,
    Text,
    UserName,
    Variable,
)
from webstack.contract import plain_text
from webstack.contract.health_check import HealthCheck, HealthPath
from webstack.contract.static_paths import STATIC_PATH

NAMESPACE = "webstack"


class SettingsError(ValueError):
    """A setting is wrong; the message names its key, what is wrong and what to do, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(plain_text.line(message))


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of the settings; a key that it does not know is an error."""


Server = Literal["gunicorn", "gunicorn-asgi", "uvicorn", "granian", "hypercorn", "daphne"]


class Redirection(_Section, frozen=True):
    """The address that another is redirected to, and the HTTP status for it."""

    to: RedirectTarget
    status: Literal[301, 302, 303, 307, 308] = 308

    @classmethod
    def of(cls, said: Redirection | str) -> Redirection:
        """Complete a redirection that may be written as its target alone."""
        return cls(to=said) if isinstance(said, str) else said


Redirections = dict[RedirectSource, RedirectTarget | Redirection]


class OwnWords(_Section, frozen=True):
    """Directives of nginx by the project, for one service: for its hosts, and for its locations."""

    server: Text = ""
    location: Text = ""


class OwnWordsOfStack(_Section, frozen=True):
    """Directives of nginx by the project, for the whole stack: for all servers, and within each."""

    http: Text = ""
    server: Text = ""


class Cache(_Section, frozen=True):
    """What is kept of a service's answers; times in seconds, memory in MiB."""

    time: Annotated[int, msgspec.Meta(ge=0, le=86400)] = 0
    stale: bool = True
    vary: tuple[HeaderName, ...] = ()
    bypass: tuple[CookieName, ...] = ()
    memory: Annotated[int, msgspec.Meta(ge=16, le=4096)] = 64


class Rate(_Section, frozen=True):
    """How often one client may ask: so many requests a second, and a burst of more at once."""

    requests: Annotated[int, msgspec.Meta(ge=1, le=100000)]
    burst: Annotated[int, msgspec.Meta(ge=0, le=100000)] = 20


PolicyHeader = Literal[
    "X-Content-Type-Options",
    "Referrer-Policy",
    "X-Frame-Options",
    "Content-Security-Policy",
    "Permissions-Policy",
    "X-Robots-Tag",
]


class Service(_Section, frozen=True):
    """One web service; sizes in MiB, times in seconds."""

    source: Line | None = None
    source_outside: bool = False
    context: Line | None = None
    dockerfile: Line = "Dockerfile"
    target: Line | None = None
    build_args: dict[Variable, Text] = {}
    image: ImageName | None = None
    image_of: Name | None = None
    path: Path | None = None
    hosts: tuple[HostName, ...] = ()
    strip_prefix: bool = False
    scope_cookies: bool = True
    redirects: Redirections = {}
    nginx: OwnWords | None = None
    port: Port | None = None
    replicas: Annotated[int, msgspec.Meta(ge=1, le=32)] = 1
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] = 4
    cpus: Cpus = 1.0
    memory: Mebibytes = 256
    pids: Processes = 128
    environment: dict[Variable, Text] = {}
    secret_environment: dict[Variable, Secret] = {}
    needs: tuple[Name, ...] = ()
    env_file: Line | None = None
    health: HealthPath | HealthCheck = "/healthz"
    static: Directory | None = None
    static_at: dict[Path, Directory] = {}
    data: Directory | None = None
    volumes: dict[Name, Directory] = {}
    media: dict[Path, Directory] = {}
    writable: dict[Directory, Mebibytes] = {}
    command: Command | None = None
    app: Application | None = None
    server: Server | None = None
    before_release: Command | None = None
    before_release_timeout: LongSeconds = 600
    init: Command | None = None
    seed: Command | None = None
    roles: dict[Name, Role] = {}
    cron: dict[Name, CronJob] = {}
    outbound: bool = False
    reload: Directory | None = None
    timeout: Seconds = 30
    cache: Cache | None = None
    rate: Rate | None = None
    connections: Annotated[int, msgspec.Meta(ge=1, le=10000)] | None = None
    login: dict[UserName, FromSetting] = {}
    allow: tuple[Network, ...] = ()
    deny: tuple[Network, ...] = ()
    headers: dict[PolicyHeader, PolicyText] = {}
    body_limit: Annotated[int, msgspec.Meta(ge=1, le=10240)] = 10
    spool: Annotated[int, msgspec.Meta(ge=128, le=1048576)] = 2048
    start_timeout: Seconds = 60
    grace: Seconds | None = None

    @property
    def worker_count(self) -> int:
        """Give the number of worker processes: as set, else two for each CPU of the container.

        There is one where code is edited: the tools of developers remember requests in their own
        process.
        """
        return self.workers or (1 if self.reload else max(2, round(self.cpus * 2)))

    @property
    def static_folders(self) -> dict[str, str]:
        """Give the folders with static files, by the path where each is served."""
        return {**({STATIC_PATH: self.static} if self.static else {}), **self.static_at}

    @property
    def kept_folders(self) -> dict[str, str]:
        """Give the folders that are kept, by the names of their volumes."""
        return {**({"data": self.data} if self.data else {}), **self.volumes}

    @property
    def grace_time(self) -> int:
        """Give the seconds that a container gets to stop.

        They are as set, else as many as the longest request may take.
        """
        return self.grace or self.timeout


class Proxy(_Section, frozen=True):
    """Limits of the proxy's containers."""

    cpus: Cpus = 1.0
    memory: Mebibytes = 128
    pids: Processes = 64


class Settings(_Section, frozen=True):
    """The settings of one stack."""

    services: dict[Name, Service]
    hosts: Annotated[tuple[HostName, ...], msgspec.Meta(min_length=1)] = ("localhost", "127.0.0.1")
    redirect_hosts: dict[HostName, HostName] = {}
    redirects: Redirections = {}
    nginx: OwnWordsOfStack | None = None
    host: Machine | None = None
    bind: Text = "127.0.0.1"
    port: Port = 8080
    tls: Mode | Tls = "off"
    trusted_proxies: tuple[Network, ...] = ()
    robots: bool | None = None
    source_maps: bool | None = None
    debug: bool = False
    proxy: Proxy = Proxy()
    observe: bool | Observe = False
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    valkey_broker: ValkeyBroker | None = None
    stateful: dict[Name, Stateful] = {}
    backups: StackBackups | None = None
    debian: ImageName = (
        "debian:trixie-slim@sha256:d7e12182ce18b85b93007c1dedf31f2d29e01ccf3182cc4017c709b6259bc132"
    )
    certificates: Line | None = None
    releases: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    kept: tuple[KeptName, ...] = ()
    environment: Name | None = None
    expires: Moment | None = None
    policies: dict[Line, Line] = {}

    @property
    def https(self) -> Tls | None:
        """Give the settings of HTTPS; None where it is off."""
        tls = Tls.of(self.tls)
        return None if tls.mode == "off" else tls

    @property
    def observed(self) -> Observe | None:
        """Give what is watched while the stack runs; None where nothing is."""
        return Observe.of(self.observe)


def media_place(service: Service, folder: str) -> tuple[str, str]:
    """Give the volume that a folder of media lies in, and its place there: "" or "/below"."""
    inside = [
        (volume, folder.removeprefix(kept))
        for volume, kept in service.kept_folders.items()
        if f"{folder}/".startswith(f"{kept}/")
    ]
    return inside[0]


def without_reload(settings: Settings) -> Settings:
    """Give the settings without any source folder that is mounted from this machine."""
    services = {
        name: msgspec.structs.replace(service, reload=None)
        for name, service in settings.services.items()
    }
    return msgspec.structs.replace(settings, services=services)


def set_values(section: msgspec.Struct) -> dict[str, Any]:
    """Give the values that a section of the settings sets, without those that it leaves out."""
    values: dict[str, Any] = msgspec.to_builtins(section)
    return {key: value for key, value in values.items() if value not in (None, [], {})}
