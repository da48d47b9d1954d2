"""Describes one role of a service: a process without HTTP, in the service's image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.roles import all_roles, hands_over
from infra.model.rollout_plan import RoleRelease
from infra.model.specs import RoleSpec, ServiceSpec
from infra.parts.part import Component, Part, PartContainer
from infra.parts.web_service import service_component
from infra.settings.sections import Settings


@dataclass(frozen=True)
class BackgroundRole(Part):
    """Describes the containers of a role. The release starts them after the service's commands.

    They belong to the component of the service, which has the image, the volumes and the secrets.
    """

    settings: Settings
    service: ServiceSpec
    spec: RoleSpec
    base: ClassVar = "python-service-build"

    @property
    def component(self) -> Component:
        """Give the component of its service."""
        return service_component(self.settings, self.service.service, self.service)

    @property
    def uses(self) -> tuple[str, ...]:
        """Give the volumes of its service that it mounts."""
        mounts = next(iter(self.spec.containers.values())).mounts
        return tuple(each.volume for each in mounts if each.volume)

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give its containers, which have the secrets of the service."""
        return tuple(
            PartContainer(resource, container, sealed=True)
            for resource, container in self.spec.containers.items()
        )

    @property
    def role(self) -> RoleRelease:
        """Give what the release starts, and how to see that it runs."""
        role = all_roles(self.settings.services[self.service.service])[self.spec.role]
        return RoleRelease(
            service=self.service.service,
            role=self.spec.role,
            release=self.spec.id,
            containers={each.name: each.pids for each in self.spec.containers.values()},
            health=role.health,
            single=role.single,
            hands_over=hands_over(role),
            start_timeout=role.start_timeout,
            grace=role.grace,
        )
