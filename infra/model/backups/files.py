"""The containers that make backups of what services and servers keep as files: pure.

Each runs as the user whose files they are, so that it may read all of them and needs no right that
their owner lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from infra.model import scheduling
from infra.model.backups import database
from infra.model.container_arguments import labelled
from infra.model.specs import Container, Health, Image, Mount, Stack, in_memory
from infra.model.specs import networks as stack_networks
from infra.settings.data_servers import StackBackups
from infra.settings.roles import CronJob
from infra.settings.sections import Settings
from infra.settings.users import user_id
from webstack.contract.container_paths import CRON_STATUS, TEMPORARY
from webstack.contract.role_names import backup_name

IMAGE = "file-backup"
FOLDER = "infra/images/files"
"""The folder of the project that their image is built from."""
HOME = "/backups"
_KEPT = "/kept"
_MEMORY = 256
_PIDS = 64
_GRACE = 30


@dataclass(frozen=True)
class FileKeeper:
    """What makes backups of one owner's volumes, and the volume where it has them."""

    owner: str
    image: Image
    container: Container
    volume: str

    @property
    def name(self) -> str:
        """Give the name that it has in the stack."""
        return backup_name(self.owner)

    @property
    def kept(self) -> tuple[str, ...]:
        """Give the Docker names of the volumes that it makes backups of."""
        mounts = self.container.mounts
        return tuple(each.volume for each in mounts if each.volume and each.volume != self.volume)


def file_keepers(stack: Stack, settings: Settings, image: Image | None) -> tuple[FileKeeper, ...]:
    """Give one for each owner of volumes; none where the stack has no backups."""
    wanted = settings.backups
    if not wanted or not image:
        return ()
    return tuple(
        _keeper(stack, wanted, image, owner, user, kept) for owner, user, kept in owners(settings)
    )


def owners(settings: Settings) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Give who keeps files, by which user, in which volumes, without those that are left out."""
    left_out = set(settings.backups.leave_out) if settings.backups else set()
    for owner, service in sorted(settings.services.items()):
        if kept := _wanted(owner, service.kept_folders, left_out):
            yield owner, user_id(owner), kept
    for owner, server in sorted(settings.stateful.items()):
        if kept := _wanted(owner, server.volumes, left_out):
            yield owner, server.user or user_id(owner), kept


def _wanted(owner: str, volumes: Mapping[str, str], left_out: set[str]) -> tuple[str, ...]:
    if owner in left_out:
        return ()
    return tuple(name for name in sorted(volumes) if f"{owner}.{name}" not in left_out)


def _keeper(
    stack: Stack,
    wanted: StackBackups,
    image: Image,
    owner: str,
    user: int,
    kept: tuple[str, ...],
) -> FileKeeper:
    name = backup_name(owner)
    volume = stack.volume(f"{owner}-backup", "files")
    rule = json.dumps(msgspec.to_builtins(wanted.keep))
    job = CronJob(
        schedule=wanted.schedule,
        timezone=wanted.timezone,
        command=("webstack-files", "scheduled", rule),
    )
    edge, _ = stack_networks(stack)
    made = Container(
        name=stack.named(name),
        image=image.reference,
        user=f"{user}:{user}",
        cpus=1.0,
        memory=_MEMORY,
        pids=_PIDS,
        grace=_GRACE,
        command=scheduling.command({database.JOB: job}),
        environment={
            "BACKUP_RULE": rule,
            "TMPDIR": f"{HOME}/temporary",
            "GOGC": "25",
            **_place(stack, wanted, owner),
        },
        secrets={_VARIABLES[key]: secret for key, secret in database.secrets(wanted).items()},
        mounts=(
            Mount(HOME, volume=volume),
            *(Mount(f"{_KEPT}/{each}", volume=stack.volume(owner, each)) for each in kept),
        ),
        tmpfs={TEMPORARY: in_memory(user, 64)},
        networks=(edge.name,) if wanted.s3 else (),
        health=Health(("CMD", "test", "-s", CRON_STATUS)),
        labels={**stack.labels, "webstack.role": name},
        started_by_release=True,
    )
    return FileKeeper(owner, image, labelled(made), volume)


_VARIABLES = {
    database.KEY: "RESTIC_PASSWORD",
    **dict(zip(database.S3_KEYS, ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), strict=True)),
}
"""restic's own names of what backups need."""


def _place(stack: Stack, wanted: StackBackups, owner: str) -> dict[str, str]:
    """Say where backups go; each owner has a folder of the bucket, below that of the stack."""
    if not wanted.s3:
        return {"RESTIC_REPOSITORY": f"{HOME}/repository"}
    s3 = wanted.s3
    lookup = {"host": "dns", "path": "path"}[s3.style]
    options = [f"--option=s3.bucket-lookup={lookup}", f"--option=s3.region={s3.region}"]
    where = f"{s3.bucket}/{stack.project}/{stack.name}/files/{owner}"
    return {
        "RESTIC_REPOSITORY": f"s3:https://{s3.endpoint}/{where}",
        "BACKUP_OPTIONS": json.dumps([*options, *([] if s3.verify else ["--insecure-tls"])]),
    }
