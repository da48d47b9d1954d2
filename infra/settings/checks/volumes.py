"""Checks of volumes and media of services, beyond the type of each setting: pure."""

from __future__ import annotations

from pathlib import PurePosixPath

from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from webstack.contract.static_paths import STATIC_PATH, static_name

_OWN = ("data", "sockets")
"""Volumes that a service may have anyway."""


def check_volumes(settings: Settings) -> None:
    """Raise SettingsError for the first volume or folder of media that does not fit.

    A volume must have a name that no other has. A folder of media must be one that can be served.
    """
    owners = {f"{name}-{own}": f"the {own} of {name}" for name in settings.services for own in _OWN}
    for service, body in settings.services.items():
        where = f"{NAMESPACE}:services.{service}"
        for name in body.volumes:
            full = f"{service}-{name}"
            if name in _OWN:
                raise SettingsError(f"{where}.volumes.{name}: {_ways_out(name)}")
            if full in owners:
                raise SettingsError(
                    f"{where}.volumes.{name}: it would be kept as {full}, as {owners[full]} is; "
                    "give it another name"
                )
            owners[full] = f"the volume {name} of {service}"
        _check_static(body, where)
        _check_media(body, where)


def _check_static(service: Service, where: str) -> None:
    """Refuse static files that nginx could not tell apart."""
    seen: dict[str, str] = {}
    if service.static and STATIC_PATH in service.static_at:
        raise SettingsError(
            f"{where}.static_at.{STATIC_PATH}: static is served there; remove one of the two"
        )
    for path in service.static_folders:
        key = f"{where}.static_at.{path}"
        if path == "/":
            raise SettingsError(f"{key}: all pages would be files; write a path such as /assets")
        for other in seen.values():
            if _overlap(path, other):
                raise SettingsError(
                    f"{key}: {path} and {other} hide each other's files; take paths of which none "
                    "lies in the other"
                )
        name = static_name("", path)
        if name in seen:
            raise SettingsError(
                f"{key}: its files would be kept with those of {seen[name]}; write / and . in "
                "another way"
            )
        seen[name] = path


def _overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _ways_out(name: str) -> str:
    if name == "data":
        return "write data: /folder beside it instead, or give it another name"
    return f"{name} is a volume of the stack's own; give it another name"


def _check_media(service: Service, where: str) -> None:
    kept = [PurePosixPath(folder) for folder in service.kept_folders.values()]
    for path, folder in service.media.items():
        key = f"{where}.media.{path}"
        if path == "/":
            raise SettingsError(f"{key}: all pages would be files; write a path such as /media")
        for static in service.static_folders:
            if f"{path}/".startswith(f"{static}/"):
                raise SettingsError(
                    f"{key}: files of the setting static are served at {static}; take another path"
                )
        if not any(PurePosixPath(folder).is_relative_to(each) for each in kept):
            raise SettingsError(
                f"{key}: {folder} lies in no folder that is kept, so it would be lost; add it: "
                f"volumes: {{media: {folder}}}"
            )
