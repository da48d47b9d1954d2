"""Brings the static files of a new release to nginx, beside those of earlier releases."""

from __future__ import annotations

from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from infra.daemon.static_copy import StaticError
from infra.model.rollout_plan import RolloutPlan
from infra.rollout.events import Copied, Timeline
from infra.rollout.running_containers import RunningContainers
from proxy import paths
from proxy.static_names import is_hashed

StaticFiles = Mapping[str, tuple[str, ...]]
"""Names of static files, by the name that nginx keeps them under: of a service, or of its path."""


@dataclass(frozen=True)
class StaticCopies:
    """Copies static files out of new containers.

    ``known`` names the files of services that brought them before, ``unchanged`` the services whose
    containers run on. What cannot be served is refused if ``strict``, and left out otherwise.
    """

    containers: RunningContainers
    new: RolloutPlan
    known: StaticFiles
    unchanged: Set[str]
    strict: bool = True
    timeline: Timeline = field(default_factory=Timeline)

    def brought(self, there: Set[str]) -> StaticFiles:
        """Copy files that are not ``there`` yet; gives what each folder brought.

        Raises StaticError that names all services whose files are refused.
        """
        folders = {
            name: (service, folder)
            for service, each in self.new.services.items()
            for name, folder in each.static_folders(service).items()
        }
        with ThreadPoolExecutor() as pool:
            copies = {
                name: pool.submit(self._of, name, *where, there) for name, where in folders.items()
            }
        failed = [error for copy in copies.values() if (error := copy.exception())]
        if len(failed) > 1 and all(isinstance(error, StaticError) for error in failed):
            raise StaticError("\n".join(map(str, failed)))
        return {name: copy.result() for name, copy in copies.items()}

    def _of(self, name: str, service: str, folder: str, there: Set[str]) -> tuple[str, ...]:
        files = self.known.get(name, ())
        complete = files and {f"{name}/{file}" for file in files} <= there
        # Another release may have files of these names, unless they carry their content.
        own = service in self.unchanged or all(map(is_hashed, files))
        return files if complete and own else self._copied(name, service, folder)

    def _copied(self, name: str, service: str, folder: str) -> tuple[str, ...]:
        source = self.new.services[service].replicas[0].container
        parent = paths.STATIC_DIRECTORY
        try:
            files = self.containers.copy_folder(
                source, folder, self.new.proxy, parent, name, strict=self.strict
            )
        except StaticError as error:
            raise StaticError(f"{service}: {error}") from None
        self.timeline.tell(Copied(service=service, container=source, files=len(files)))
        return files
