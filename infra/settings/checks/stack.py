"""Checks that the settings of a stack fit together, beyond the type of each: pure.

Every check raises SettingsError, with the key, what is wrong, and the way out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from infra.settings import needs
from infra.settings.checks.access import check_access
from infra.settings.checks.backups import check_backups
from infra.settings.checks.caching import check_cache
from infra.settings.checks.images import check_image
from infra.settings.checks.nginx import check_own_words
from infra.settings.checks.roles import check_roles, check_schedule
from infra.settings.checks.routes import check_routes
from infra.settings.checks.servers import check_server
from infra.settings.checks.stateful import check_stateful
from infra.settings.checks.volumes import check_volumes
from infra.settings.errors import shown
from infra.settings.observe import METRICS
from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from infra.settings.types import Secret
from infra.settings.users import user_id
from webstack.contract.role_names import CRON, full_name

RESERVED = frozenset(
    (
        *("base", "debian", "debian-base", "edge", "front", "holder", "internal", "networks"),
        *("nginx", "proxy", "proxy-configuration", "proxy-front", "proxy-holder", "proxy-links"),
        *(
            "proxy-log",
            "proxy-spool",
            "proxy-static",
            "python",
            "python-base",
            "python-build",
            "python-build-base",
            "python-service",
            "python-service-base",
            "python-service-build",
            "python-service-build-base",
            "relay",
        ),
        *("release", "stack", "webstack"),
    )
)
"""What the program declares, runs and labels: a service of such a name could not be told apart."""
_TAKEN_FOLDERS = ("/run/webstack", "/proc", "/sys", "/dev")
"""Where the program and the daemon mount what a container needs."""
_OWN_VARIABLES = "WEBSTACK_"


def check(settings: Settings) -> None:
    """Raise SettingsError for the first setting that does not fit."""
    _check_address(settings.bind)
    _check_networks(settings.trusted_proxies)
    _check_moment(settings.expires)
    for name, service in settings.services.items():
        where = f"{NAMESPACE}:services.{name}"
        _check_name(name, where)
        check_image(service, settings, where)
        _check_folders(service, where)
        _check_commands(service, where)
        check_server(service, where)
        check_cache(service, where)
        check_access(service, where)
        _check_variables(service, where)
    check_roles(settings)
    check_volumes(settings)
    _check_users(settings)
    check_routes(settings)
    check_own_words(settings)
    for name in settings.stateful:
        _check_name(name, f"{NAMESPACE}:stateful.{name}")
    check_stateful(settings)
    _check_made_secrets(settings)
    needs.check(settings)
    check_backups(settings)
    _check_backups(settings)
    _check_observe(settings)


def _check_observe(settings: Settings) -> None:
    observe = settings.observed
    if observe and bool(observe.port) != bool(observe.token):
        raise SettingsError(
            f"{NAMESPACE}:observe: port and token go together: whoever scrapes has to say it; give "
            "both, with token: {setting: name}"
        )
    if observe and observe.port in (settings.port, *_tls_ports(settings)):
        raise SettingsError(
            f"{NAMESPACE}:observe.port: {observe.port} is a port of the proxy, too; give it another"
        )
    for kind in ("services", "stateful"):
        if settings.observed and METRICS in getattr(settings, kind):
            raise SettingsError(
                f"{NAMESPACE}:{kind}.{METRICS}: with observe {METRICS} is a name of the stack's "
                "own; give it another"
            )


def _tls_ports(settings: Settings) -> tuple[int, ...]:
    return (settings.https.published(settings.port),) if settings.https else ()


def _check_backups(settings: Settings) -> None:
    postgres = settings.postgres
    if postgres is None or postgres.backups is None:
        return
    where = f"{NAMESPACE}:postgres.backups"
    if postgres.setting is not None:
        raise SettingsError(
            f"{where}: the server is elsewhere ({NAMESPACE}:postgres.setting), and "
            "backed up there; remove one of the two"
        )
    if (keeper := full_name(needs.POSTGRES, CRON)) in settings.services:
        raise SettingsError(
            f"{NAMESPACE}:services.{keeper}: the container that makes backups has "
            "this name; give the service another"
        )
    check_schedule(postgres.backups.schedule, postgres.backups.timezone, where)


def made_secret(service: str, variable: str) -> str:
    """Name the resource of a secret that the stack makes for a variable of a service."""
    return f"{service}-{variable.lower().replace('_', '-')}"


def _check_address(text: str) -> None:
    """Docker takes whatever it cannot read as an address for every address there is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise SettingsError(
            f'{NAMESPACE}:bind: expected an IP address of this machine, got "{shown(text)}"; write '
            "127.0.0.1 or ::1 for this machine alone, 0.0.0.0 or :: for every interface"
        ) from None
    usual = getattr(address, "ipv4_mapped", None) or address
    if str(usual) != text:
        raise SettingsError(f"{NAMESPACE}:bind: write {text} as {usual}, as Docker does")
    if address.is_multicast or text == "255.255.255.255":
        raise SettingsError(f"{NAMESPACE}:bind: {text} is no address of one machine; name its own")
    if "%" in text or (address.version == 6 and address.is_link_local):
        raise SettingsError(
            f"{NAMESPACE}:bind: {text} is of one interface, which Docker cannot be told; "
            "take another address of this machine"
        )


def _check_networks(networks: tuple[str, ...]) -> None:
    for network in networks:
        try:
            found = ipaddress.ip_network(network)
        except ValueError as error:
            raise SettingsError(f"{NAMESPACE}:trusted_proxies: {error}; name it as such") from None
        if found.prefixlen == 0:
            raise SettingsError(
                f"{NAMESPACE}:trusted_proxies: {network} is everybody, who could then say to be "
                "anybody; name the proxies' own networks"
            )


def _check_moment(expires: str | None) -> None:
    try:
        datetime.fromisoformat((expires or "2000-01-01T00:00:00Z").replace("Z", "+00:00"))
    except ValueError as error:
        raise SettingsError(
            f"{NAMESPACE}:expires: {expires} is no moment of the calendar ({error}); "
            "write one such as 2026-12-24T18:00:00Z"
        ) from None


def _check_name(name: str, where: str) -> None:
    if name in RESERVED:
        raise SettingsError(f"{where}: {name} is a name of the stack's own; give it another")


def _check_folders(service: Service, where: str) -> None:
    folders = list(_folders(service))
    for key, folder in folders:
        if not key.startswith("static") and (taken := _overlap(folder, _TAKEN_FOLDERS)):
            if key == "writable" and folder == "/run":
                continue  # what is mounted in it is mounted after it
            raise SettingsError(
                f"{where}.{key}: {folder} cannot be used, {taken} belongs to the container itself; "
                "take another folder such as /data"
            )
    for key, folder in folders:
        kept = key == "data" or key.startswith("volumes.")
        if kept and PurePosixPath(folder).parts[:2] == ("/", "tmp"):
            raise SettingsError(
                f"{where}.{key}: {folder} lies in /tmp, which is emptied; take another folder"
            )
    for number, (key, folder) in enumerate(folders):
        for other_key, other in folders[:number]:
            if _overlap(folder, (other,)):
                raise SettingsError(
                    f"{where}.{key}: {folder} and {other} ({other_key}) hide each other; "
                    "take folders of which none lies in the other"
                )


def _folders(service: Service) -> Iterator[tuple[str, str]]:
    """Give the folders of a service by key, first those that cannot be moved easily."""
    if service.reload:
        yield "reload", service.reload
    if service.static:
        yield "static", service.static
    for path, folder in service.static_at.items():
        yield f"static_at.{path}", folder
    if service.data:
        yield "data", service.data
    for name, folder in service.volumes.items():
        yield f"volumes.{name}", folder
    for folder in service.writable:
        yield "writable", folder


def _overlap(folder: str, others: tuple[str, ...]) -> str | None:
    """Find another folder that is this one, lies in it, or contains it."""
    path = PurePosixPath(folder)
    for each in others:
        other = PurePosixPath(each)
        if path.is_relative_to(other) or other.is_relative_to(path):
            return each
    return None


def _check_commands(service: Service, where: str) -> None:
    for key in ("command", "before_release", "init", "seed"):
        command = getattr(service, key)
        if command and not command[0].strip():
            raise SettingsError(f"{where}.{key}: the first word is empty; name a program")


def _check_variables(service: Service, where: str) -> None:
    for key in ("environment", "secret_environment"):
        for variable in getattr(service, key):
            if variable.startswith(_OWN_VARIABLES):
                raise SettingsError(
                    f"{where}.{key}.{variable}: names that begin with {_OWN_VARIABLES} are the "
                    "stack's own; take another"
                )
    for variable in service.environment.keys() & service.secret_environment.keys():
        raise SettingsError(
            f"{where}.environment.{variable}: it is in secret_environment, too; remove one of them"
        )


def _check_users(settings: Settings) -> None:
    """Refuse two services of one user: each could read the other's data and sockets."""
    users: dict[int, str] = {}
    own = [name for name, server in settings.stateful.items() if server.user is None]
    for name in [*sorted(settings.services), *sorted(own)]:
        user = user_id(name)
        if user in users and users[user] != name:
            section = "services" if name in settings.services else "stateful"
            raise SettingsError(
                f"{NAMESPACE}:{section}.{name}: {name} and {users[user]} would run as one user "
                f"({user}, which follows from the name); give the one without data another name"
            )
        users[user] = name


def _check_made_secrets(settings: Settings) -> None:
    """Refuse two secrets of one name, which would be one resource."""
    owners: dict[str, str] = {}
    for key, name, secret in declared_secrets(settings):
        if secret.setting is None and secret.of is None:
            resource = made_secret(name, key.rpartition(".")[2])
            if resource in owners:
                raise SettingsError(
                    f"{NAMESPACE}:{key}: it cannot be told from {owners[resource]}, both are "
                    f"kept as {resource}; rename one of them"
                )
            owners[resource] = key


def declared_secrets(settings: Settings) -> Iterator[tuple[str, str, Secret]]:
    """Give all secrets of services and servers: the key of each, whose it is, and its origin."""
    for name, service in settings.services.items():
        for variable, secret in service.secret_environment.items():
            yield f"services.{name}.secret_environment.{variable}", name, secret
    for name, server in settings.stateful.items():
        for kind in ("secret_environment", "secret_files"):
            for variable, secret in getattr(server, kind).items():
                yield f"stateful.{name}.{kind}.{variable}", name, secret
