"""Restores static files of the releases that are kept.

Pages of earlier releases ask for these files, and a rollback serves them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

import msgspec

from infra.daemon.failures import ContainerError
from infra.model.records import Record
from infra.rollout.events import FilesLost, FilesNotRestored, Timeline
from infra.rollout.running_containers import RunningContainers
from infra.rollout.traffic.live_proxy import LiveProxy
from proxy import paths


class Source(msgspec.Struct, frozen=True):
    """Names a folder of an image that brought static files."""

    image: str
    folder: str


def missing(kept: Iterable[Record], there: Set[str]) -> list[str]:
    """List files that some release brought and nginx does not have, as ``service/file``."""
    return sorted(paths_of(all_files(kept)) - there)


def paths_of(files: Mapping[str, Iterable[str]]) -> set[str]:
    """Write names of files by service as ``service/file``."""
    return {f"{service}/{name}" for service, names in files.items() for name in names}


def sources(kept: Sequence[Record], name: str) -> list[Source]:
    """List where the files of one name come from, oldest first.

    If two files have one name, the newest stays.
    """
    found: dict[Source, None] = {}
    service = name.partition(".")[0]
    for record in kept:
        plan = record.blueprint.plan.services.get(service)
        folder = plan.static_folders(service).get(name) if plan else None
        if folder:
            image = record.image_ids.get(service) or record.blueprint.images[service]
            source = Source(image, folder)
            found.pop(source, None)
            found[source] = None
    return list(found)


def restored(
    containers: RunningContainers,
    proxy: str,
    kept: Sequence[Record],
    brought: Set[str],
    timeline: Timeline,
) -> list[Record]:
    """Copy missing files from the images, and give the records with the files that are there.

    The files in ``brought`` are there already. Files that no image has any more are told once, and
    are then taken out of the record of their release.
    """
    nginx = LiveProxy(containers, proxy)
    gone = missing(kept, nginx.status().static | brought)
    if not gone:
        return list(kept)
    for name in sorted({each.partition("/")[0] for each in gone}):
        for source in sources(kept, name):
            try:
                _copy(containers, source, proxy, name)
            except ContainerError as error:
                service = name.partition(".")[0]
                timeline.tell(FilesNotRestored(service=service, reason=str(error)))
    there = nginx.status().static | brought
    if lost := missing(kept, there):
        timeline.tell(FilesLost(files=len(lost)))
    return [_with(record, there) for record in kept]


def all_files(kept: Iterable[Record]) -> dict[str, tuple[str, ...]]:
    """Give the names of the files that releases brought, by service."""
    found: dict[str, set[str]] = {}
    for record in kept:
        for service, names in record.static.items():
            found.setdefault(service, set()).update(names)
    return {service: tuple(sorted(names)) for service, names in found.items()}


def _copy(containers: RunningContainers, source: Source, proxy: str, service: str) -> None:
    containers.copy_of_image(source.image, source.folder, proxy, paths.STATIC_DIRECTORY, service)


def _with(record: Record, there: Set[str]) -> Record:
    static = {
        service: tuple(name for name in names if f"{service}/{name}" in there)
        for service, names in record.static.items()
    }
    return msgspec.structs.replace(record, static=static)
