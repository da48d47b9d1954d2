"""Checks of the settings of a service's image: pure."""

from __future__ import annotations

from infra.settings.sections import Service, Settings, SettingsError
from webstack.contract import secret_signs

GIVEN = ("PYTHON", "PYTHON_BUILD", "UID", "DEBUG")
"""Arguments that every build gets."""
_ORIGINS = ("source", "image", "image_of")
_OF_A_BUILD = ("context", "target", "build_args", "reload")


def check_image(service: Service, settings: Settings, where: str) -> None:
    """Raise SettingsError unless a service says exactly once where its image comes from.

    It also raises SettingsError for settings of a build that do not fit.
    """
    said = [key for key in _ORIGINS if getattr(service, key)]
    if not said:
        raise SettingsError(
            f"{where}: no image; set source (a folder with a Dockerfile), image, or image_of"
        )
    if len(said) > 1:
        raise SettingsError(f"{where}.{said[1]}: {said[0]} is set, too; remove one of them")
    if not service.source:
        unused = [key for key in _OF_A_BUILD if getattr(service, key)]
        unused += ["dockerfile"] if service.dockerfile != "Dockerfile" else []
        if unused:
            raise SettingsError(
                f"{where}.{unused[0]}: nothing is built without source; remove it, or set source"
            )
    if service.image_of:
        _check_shared(service.image_of, settings, where)
    _check_arguments(service, where)


def _check_shared(other: str, settings: Settings, where: str) -> None:
    owner = settings.services.get(other)
    if owner is None:
        raise SettingsError(f"{where}.image_of: there is no service {other}; name one that is")
    if owner.image_of:
        raise SettingsError(
            f"{where}.image_of: {other} has no image of its own; name {owner.image_of}"
        )


def _check_arguments(service: Service, where: str) -> None:
    for name, value in service.build_args.items():
        key = f"{where}.build_args.{name}"
        if name in GIVEN:
            raise SettingsError(f"{key}: every build gets it from the stack; take another name")
        if reason := secret_signs.suspicion(name, value):
            raise SettingsError(
                f"{key}: {reason}, and everybody who has the image can read it; give secrets to "
                "the container: secret_environment"
            )
