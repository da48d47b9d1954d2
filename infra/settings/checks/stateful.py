"""Checks of servers that keep state, beyond the type of each setting: pure.

Every check raises SettingsError, with the key, what is wrong, and the way out.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from infra.settings.sections import NAMESPACE, Settings, SettingsError
from infra.settings.stateful import SECRETS_FOLDER, Stateful, variables
from webstack.contract.container_paths import TEMPORARY
from webstack.contract.role_names import full_name

_OWN = "secrets"
_ROLES = ("service", "background", "one-off")
"""Words by which containers of services are known."""
_TAKEN = ("/proc", "/sys", "/dev", TEMPORARY, SECRETS_FOLDER)


def check_stateful(settings: Settings) -> None:
    """Raise SettingsError for the first server that does not fit."""
    names = {name: f"service {name}" for name in settings.services}
    for service, body in settings.services.items():
        names |= {full_name(service, role): f"role {role} of {service}" for role in body.roles}
    for name, server in settings.stateful.items():
        where = f"{NAMESPACE}:stateful.{name}"
        if name in names or name in _ROLES:
            owner = names.get(name, "what the stack's own containers are called")
            raise SettingsError(f"{where}: {name} is {owner}; give it another name")
        if name in {kept.partition(".")[0] for kept in settings.kept}:
            raise SettingsError(
                f"{where}: {NAMESPACE}:kept is for services that are gone; take {name} out there"
            )
        _check_image(server, where)
        _check_commands(server, where)
        _check_folders(server, where)
        _check_secrets(server, where)
        _check_volumes(name, settings, where)
    for service, body in settings.services.items():
        for variable, secret in body.secret_environment.items():
            key = f"{NAMESPACE}:services.{service}.secret_environment.{variable}"
            if secret.of is not None:
                _check_shared(secret.of, service, settings, key)


def check_access(where: str, need: str, name: str, settings: Settings) -> None:
    """Raise SettingsError where a service sets what it gets of a server that it needs."""
    service = settings.services[name]
    for variable in variables(need):
        for key in ("environment", "secret_environment"):
            if variable in getattr(service, key):
                raise SettingsError(
                    f"{where}.{key}.{variable}: needs: [{need}] sets it; remove one of the two"
                )


def _check_image(server: Stateful, where: str) -> None:
    if server.image is None and server.source is None:
        raise SettingsError(f"{where}: no image; set image, or source with a Dockerfile")
    if server.image is not None and server.source is not None:
        raise SettingsError(f"{where}.source: image is set, too; remove one of the two")


def _check_commands(server: Stateful, where: str) -> None:
    for key in ("command", "health"):
        command = getattr(server, key)
        if command and not command[0].strip():
            raise SettingsError(f"{where}.{key}: the first word is empty; name a program")


def _check_folders(server: Stateful, where: str) -> None:
    taken = dict.fromkeys(_TAKEN, "the container itself")
    own = {f"volumes.{name}": folder for name, folder in server.volumes.items()}
    own |= {f"writable.{folder}": folder for folder in server.writable}
    for key, folder in own.items():
        path = PurePosixPath(folder)
        for other, owner in taken.items():
            if path.is_relative_to(other) or PurePosixPath(other).is_relative_to(path):
                raise SettingsError(
                    f"{where}.{key}: {folder} and {other} ({owner}) hide each other; take another "
                    "folder"
                )
        taken[folder] = key


def _check_secrets(server: Stateful, where: str) -> None:
    for key in ("secret_environment", "secret_files"):
        for name, secret in getattr(server, key).items():
            if secret.of is not None:
                raise SettingsError(
                    f"{where}.{key}.{name}.of: only services take the secret of another; name a "
                    "setting, or write {}"
                )
            if key == "secret_files" and name in server.secret_environment:
                raise SettingsError(
                    f"{where}.{key}.{name}: it is in secret_environment, too; remove one of them"
                )
            if name in server.environment:
                raise SettingsError(
                    f"{where}.environment.{name}: it is in {key}, too; remove one of them"
                )


def _check_volumes(name: str, settings: Settings, where: str) -> None:
    """Refuse two volumes of one name, which would be one in the state."""
    others = {
        f"{service}-{volume}": f"of service {service}"
        for service, body in settings.services.items()
        for volume in ("data", "sockets", *body.volumes)
    }
    others |= {
        f"{other}-{volume}": f"of {other}"
        for other, body in settings.stateful.items()
        for volume in (_OWN, *body.volumes)
        if other != name
    }
    for volume in settings.stateful[name].volumes:
        if volume == _OWN:
            raise SettingsError(
                f"{where}.volumes.{volume}: that volume holds its secret_files; give it another "
                "name"
            )
        if f"{name}-{volume}" in others:
            raise SettingsError(
                f"{where}.volumes.{volume}: it would be kept as {name}-{volume}, as the one "
                f"{others[f'{name}-{volume}']} is; give it another name"
            )


def _check_shared(of: str, service: str, settings: Settings, key: str) -> None:
    name, _, secret = of.partition(".")
    server = settings.stateful.get(name)
    if settings.services[service].secret_environment[key.rpartition(".")[2]].setting is not None:
        raise SettingsError(f"{key}.of: setting stands beside it; remove one of the two")
    if server is None or secret not in server.secrets:
        raise SettingsError(f"{key}.of: there is no secret {of} in {NAMESPACE}:stateful; name one")
    if name not in settings.services[service].needs:
        raise SettingsError(f"{key}.of: {service} does not need {name}; add needs: [{name}]")
