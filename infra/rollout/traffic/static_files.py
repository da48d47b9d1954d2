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
"""Names of static files, by the service that brought them."""


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
        """Copy files that are not ``there`` yet; gives what each service brought.

        Raises StaticError that names all services whose files are refused.
        """
        services = self.new.services.items()
        folders = {name: service.static for name, service in services if service.static}
        with ThreadPoolExecutor() as pool:
            copies = {
                name: pool.submit(self._of, name, folder, there) for name, folder in folders.items()
            }
        failed = [error for copy in copies.values() if (error := copy.exception())]
        if len(failed) > 1 and all(isinstance(error, StaticError) for error in failed):
            raise StaticError("\n".join(map(str, failed)))
        return {name: copy.result() for name, copy in copies.items()}

    def _of(self, name: str, folder: str, there: Set[str]) -> tuple[str, ...]:
        files = self.known.get(name, ())
        complete = files and {f"{name}/{file}" for file in files} <= there
        # Another release may have files of these names, unless they carry their content.
        own = name in self.unchanged or all(map(is_hashed, files))
        return files if complete and own else self._copied(name, folder)

    def _copied(self, name: str, folder: str) -> tuple[str, ...]:
        source = self.new.services[name].replicas[0].container
        parent = paths.STATIC_DIRECTORY
        try:
            files = self.containers.copy_folder(
                source, folder, self.new.proxy, parent, name, strict=self.strict
            )
        except StaticError as error:
            raise StaticError(f"{name}: {error}") from None
        self.timeline.tell(Copied(service=name, container=source, files=len(files)))
        return files
