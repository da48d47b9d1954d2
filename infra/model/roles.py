"""How the roles of a service become containers; pure, as the model is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from infra.model import celery, scheduling
from infra.model.container_arguments import content
from infra.model.specs import (
    SOCKETS_IN_SERVICE,
    STOP_MARGIN,
    Container,
    Health,
    RoleSpec,
    Stack,
)
from infra.settings.roles import Role
from infra.settings.sections import Service
from webstack.contract.role_names import CRON, full_name

_OF_THE_WEB = ("GUNICORN_CMD_ARGS",)


def role_specs(stack: Stack, service: Service, template: Container) -> tuple[RoleSpec, ...]:
    """Give the roles of a service; ``template`` is its own container."""
    return tuple(
        _role_spec(stack, name, role, _as_role(template, name, role))
        for name, role in sorted(all_roles(service).items())
    )


def all_roles(service: Service) -> dict[str, Role]:
    """Give the roles of a service as they run, and the single role that runs its jobs."""
    roles = {name: _started(role) for name, role in service.roles.items()}
    if not service.cron:
        return roles
    scheduler = Role(
        command=scheduling.command(service.cron),
        single=True,
        cpus=service.cpus,
        memory=service.memory,
        pids=service.pids,
        health=2,
    )
    return {**roles, CRON: scheduler}


def _started(role: Role) -> Role:
    """Give the role its command; there is one clock of Celery at a time."""
    if role.celery is None:
        return role
    return msgspec.structs.replace(
        role,
        command=celery.command(role, role.celery),
        single=role.single or not role.celery.is_worker,
    )


def hands_over(role: Role) -> bool:
    """Tell whether the old containers of a role have to end before users reach a new release.

    A worker of Celery throws tasks away that only newer code knows.
    """
    return role.celery is not None and role.celery.is_worker


def _role_spec(stack: Stack, name: str, role: Role, template: Container) -> RoleSpec:
    identity = content(template)

    def containers() -> Iterator[tuple[str, Container]]:
        for number in range(role.replicas):
            resource = f"{template.name}-{number}-{identity}"
            yield (
                resource,
                replace(
                    template,
                    name=stack.named(resource),
                    environment={**template.environment, "WEBSTACK_RELEASE": identity},
                    labels={**template.labels, "webstack.release": identity},
                ),
            )

    return RoleSpec(name, identity, dict(containers()))


def _as_role(web: Container, name: str, role: Role) -> Container:
    """Make the container of a role from the service's: without serving, with the role's own.

    It starts only once the service is prepared, and not as long as another single one runs.
    """
    full = full_name(web.name, name)
    environment = {key: value for key, value in web.environment.items() if key not in _OF_THE_WEB}
    return replace(
        web,
        name=full,
        cpus=role.cpus,
        memory=role.memory,
        pids=role.pids,
        grace=role.grace + STOP_MARGIN,
        command=role.command,
        environment={
            **environment,
            **(celery.WORKER_ENVIRONMENT if hands_over(role) else {}),
            "WEBSTACK_ROLE": name,
        },
        mounts=tuple(each for each in web.mounts if each.target != SOCKETS_IN_SERVICE),
        health=None if isinstance(role.health, int) else _health(role.health, role.start_timeout),
        labels={
            **{key: value for key, value in web.labels.items() if key != "webstack.health"},
            "webstack.role": "background",
            "webstack.background": full,
        },
        started_by_release=True,
    )


def _health(command: tuple[str, ...], start_timeout: int) -> Health:
    return Health(("CMD", *command), timeout=30, start_period=start_timeout)
