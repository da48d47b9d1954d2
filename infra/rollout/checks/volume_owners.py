"""Gives volumes to the service that keeps files in them, whoever owns the folder of the image.

A new volume belongs to root, or to the user that the image was written for. A service has a user of
its own, which could then write nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.model.rollout_plan import ServiceRelease
from infra.rollout.checks import unwritable_volumes
from infra.rollout.events import NotWritable, Timeline
from infra.rollout.running_containers import RunningContainers


@dataclass(frozen=True)
class VolumeOwners:
    """Gives volumes to services, by the image of the container ``tools``, which has `chown`."""

    containers: RunningContainers
    tools: str
    timeline: Timeline = field(default_factory=Timeline)

    def settle(
        self, name: str, service: ServiceRelease, before: ServiceRelease | None = None
    ) -> None:
        """Give a service the volumes that it cannot write to, and restart its containers then.

        A container that started before may have ended because it could not write. A volume that has
        files, and that the release ``before`` had, may hold folders that the service can write to:
        that one is only told. Raises ContainerError.
        """
        container = service.replicas[0].container
        found = self.containers.inspected(container)
        given = False
        for path in unwritable_volumes.mounted(found):
            folder = self.containers.folder(container, path)
            if not folder or unwritable_volumes.can_write(folder, found):
                continue
            if folder.is_empty or _is_new(path, before):
                volume, user = unwritable_volumes.volume_at(path, found)
                self.containers.give(volume, user, self.tools)
                given = True
            else:
                way_out = unwritable_volumes.command(path, found)
                self.timeline.tell(
                    NotWritable(service=name, container=container, folder=path, way_out=way_out)
                )
        if given:
            self._start_anew(service)

    def _start_anew(self, service: ServiceRelease) -> None:
        for target in service.replicas:
            self.containers.stop(target.container)
            self.containers.start(target.container)


def _is_new(path: str, before: ServiceRelease | None) -> bool:
    return before is None or (before.volumes is not None and path not in before.volumes)
