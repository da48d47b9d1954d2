"""What the roles of services must hold, beyond the type of each setting: pure."""

from __future__ import annotations

from infra.settings.roles import Role, full_name
from infra.settings.sections import NAMESPACE, Settings, SettingsError


def check_roles(settings: Settings) -> None:
    """Raise SettingsError for the first role that cannot be told apart, or cannot be started."""
    owners = {name: f"service {name}" for name in settings.services}
    for service, body in settings.services.items():
        for name, role in body.roles.items():
            where = f"{NAMESPACE}:services.{service}.roles.{name}"
            _check_role(role, where)
            full = full_name(service, name)
            if full in owners:
                raise SettingsError(
                    f"{where}: its containers would be named {full}, as those of {owners[full]}; "
                    "give it another name"
                )
            owners[full] = f"role {name} of {service}"


def _check_role(role: Role, where: str) -> None:
    if role.single and role.replicas > 1:
        raise SettingsError(
            f"{where}.replicas: {role.replicas} containers are not single; remove replicas, or "
            "single"
        )
    commands = {"command": role.command}
    if not isinstance(role.health, int):
        commands["health"] = role.health
    for key, command in commands.items():
        if not command[0].strip():
            raise SettingsError(f"{where}.{key}: the first word is empty; name a program")
