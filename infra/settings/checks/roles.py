"""Checks of the roles of services, beyond the type of each setting: pure."""

from __future__ import annotations

from zoneinfo import available_timezones

from infra.settings.cron import Schedule
from infra.settings.errors import shown
from infra.settings.needs import BROKER
from infra.settings.roles import Celery, Role
from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from webstack.contract.role_names import CRON, full_name


def check_roles(settings: Settings) -> None:
    """Raise SettingsError for the first role that cannot be told from another, or be started."""
    owners = {name: f"service {name}" for name in settings.services}
    for service, body in settings.services.items():
        _check_cron(body, f"{NAMESPACE}:services.{service}")
        for name, role in body.roles.items():
            _check_role(role, body, f"{NAMESPACE}:services.{service}.roles.{name}")
        for name in [*body.roles, *([CRON] if body.cron else [])]:
            key = f"roles.{name}" if name in body.roles else CRON
            where = f"{NAMESPACE}:services.{service}.{key}"
            full = full_name(service, name)
            if full in owners:
                raise SettingsError(
                    f"{where}: its containers would be named {full}, as those of {owners[full]}; "
                    "give it another name"
                )
            owners[full] = f"role {name} of {service}"


def check_schedule(schedule: str, timezone: str, key: str) -> None:
    """Raise SettingsError where the schedule below ``key`` is none, or its time zone unknown."""
    try:
        Schedule.of(schedule)
    except ValueError as error:
        raise SettingsError(
            f'{key}.schedule: "{shown(schedule)}" is no schedule, {error}; write one such '
            'as "0 3 * * *"'
        ) from None
    if timezone != "UTC" and timezone not in available_timezones():
        raise SettingsError(
            f"{key}.timezone: {shown(timezone)} is no time zone; write one such as "
            "Europe/Berlin, or UTC"
        )


def _check_cron(service: Service, where: str) -> None:
    if service.cron and CRON in service.roles:
        raise SettingsError(
            f"{where}.roles.{CRON}: the jobs of {CRON} run in a role of this name; give it another"
        )
    for name, job in service.cron.items():
        key = f"{where}.cron.{name}"
        check_schedule(job.schedule, job.timezone, key)
        if not job.command[0].strip():
            raise SettingsError(f"{key}.command: the first word is empty; name a program")


def _check_role(role: Role, service: Service, where: str) -> None:
    if (role.command is None) == (role.celery is None):
        raise SettingsError(
            f"{where}: a role has a command, or celery in its place; write one of the two"
        )
    if role.celery:
        _check_celery(role, role.celery, service, where)
    if role.single and role.replicas > 1:
        raise SettingsError(
            f"{where}.replicas: {role.replicas} containers are not single; remove replicas, or "
            "single"
        )
    commands = {"command": role.command} if role.command else {}
    if not isinstance(role.health, int):
        commands["health"] = role.health
    for key, command in commands.items():
        if not command[0].strip():
            raise SettingsError(f"{where}.{key}: the first word is empty; name a program")


def _check_celery(role: Role, celery: Celery, service: Service, where: str) -> None:
    if BROKER not in service.needs:
        raise SettingsError(
            f"{where}.celery: tasks wait in {BROKER}, which the service does not need; add it to "
            "its needs, or write a command for a broker elsewhere"
        )
    if not celery.is_worker and role.replicas > 1:
        raise SettingsError(
            f"{where}.replicas: {role.replicas} clocks would give each task {role.replicas} times; "
            "remove replicas"
        )
