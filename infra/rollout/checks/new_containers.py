"""Looks at the containers of changed services before requests go to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.daemon.failures import ContainerError
from infra.model.rollout_plan import RolloutPlan, ServiceRelease
from infra.rollout.checks import front_page, image_volumes
from infra.rollout.checks.volume_owners import VolumeOwners
from infra.rollout.events import OutsidePrefix, Timeline
from infra.rollout.running_containers import RunningContainers


@dataclass(frozen=True)
class NewContainers:
    """Holds the ``changed`` services of a plan, and looks into the first container of each."""

    containers: RunningContainers
    plan: RolloutPlan
    changed: Mapping[str, ServiceRelease]
    timeline: Timeline = field(default_factory=Timeline)

    def refused_folders(self) -> dict[str, str]:
        """Say which folders are refused, since their content would be lost; by service."""
        refused = {}
        for name, service in self.changed.items():
            found = self.containers.inspected(service.replicas[0].container)
            if lost := image_volumes.unnamed(found):
                image = f"image {found['Config']['Image']}"
                refused[name] = image_volumes.refusal(name, image, lost)
        return refused

    def settle_owners(self, before: RolloutPlan | None) -> dict[str, str]:
        """Let services write to their volumes; say why one cannot, by service.

        That comes before anybody waits for what cannot start.
        """
        owners = VolumeOwners(self.containers, self.plan.holder, self.timeline)
        old = before.services if before else {}
        refused = {}
        for name, service in self.changed.items():
            try:
                owners.settle(name, service, old.get(name))
            except ContainerError as error:
                refused[name] = f"{name}: {error}"
        return refused

    def look_at_prefixes(self) -> None:
        """Tell of services that do not fit under their paths; they go live anyway."""
        for name, service in self.changed.items():
            target = service.replicas[0]
            reason = front_page.judged(self.containers, self.plan.proxy, name, service)
            if reason:
                told = OutsidePrefix(service=name, container=target.container, reason=reason)
                self.timeline.tell(told)
