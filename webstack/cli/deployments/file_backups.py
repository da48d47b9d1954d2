"""Backups of what services and servers keep as files: made, listed, proven, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.data.backup_rows import Row
from webstack.cli.deployments import stack_daemon
from webstack.cli.deployments.data_servers import DataServer
from webstack.cli.terminal.errors import OpsError
from webstack.contract.role_names import backed_up

TOOL = "webstack-files"
HOME = "/backups"
_KEPT = "/kept/"
_GRACE = 60


class _Brief(msgspec.Struct, frozen=True):
    """One backup as the tool describes it."""

    name: str
    ended: int
    size: int
    stored: int
    verified: str = ""
    seconds: int | None = None


@dataclass(frozen=True)
class FileBackups:
    """The backups of the files of one owner, by the container that makes them."""

    owner: str
    keeper: DataServer

    def known(self) -> list[Row]:
        """List them, oldest first."""
        said = msgspec.json.decode(self.keeper.read(TOOL, "list"), type=list[_Brief])
        return [
            Row(
                of=self.owner,
                name=f"{self.owner}/{each.name}",
                kind="files",
                ended=each.ended,
                size=each.size,
                stored=each.stored,
                verified=each.verified,
                seconds=each.seconds,
            )
            for each in said
        ]

    def make(self, kind: str) -> Row:
        """Make one; raises OpsError."""
        name = f"{self.owner}/{self.keeper.read(TOOL, 'make', kind).strip()}"
        return next(each for each in self.known() if each.name == name)

    def verify(self, row: Row) -> tuple[int, int]:
        """Restore one beside, and compare all of it; gives files, and rows of databases.

        Raises OpsError for whatever keeps that from being done: then it is not proven.
        """
        said = self.keeper.read(TOOL, "prove", _short(row))
        proof = msgspec.json.decode(said, type=dict[str, int])
        return proof["files"], proof["rows"]

    def count(self) -> tuple[int, int]:
        """Count the files that are there, and their bytes."""
        found, size = map(int, self.keeper.read(TOOL, "count").split())
        return found, size

    def restore(self, row: Row) -> tuple[int, int]:
        """Put a backup in the place of what is there; gives files and bytes.

        Whoever writes to the volumes is stopped meanwhile. What fails leaves them as they were.
        """
        with self._alone():
            said = self.keeper.read(TOOL, "restore", _short(row))
        told = msgspec.json.decode(said, type=dict[str, int])
        return told["files"], told["bytes"]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Stop the containers that write to the volumes, and start them again afterwards."""
        api = self.keeper.api
        with plain_errors():
            own = api.inspect_container(self.keeper.container)
            volumes = {
                each["Name"] for each in own["Mounts"] if each["Destination"].startswith(_KEPT)
            }
            names = [
                each["Names"][0].lstrip("/")
                for each in api.containers()
                if each["Names"][0].lstrip("/") != self.keeper.container
                and any(_writes(mount, volumes) for mount in each["Mounts"])
            ]
            for name in names:
                api.stop(name, timeout=_GRACE)
        try:
            yield
        finally:
            with plain_errors():
                for name in names:
                    api.start(name)


def all_of(session: StackSession) -> list[FileBackups]:
    """Find what makes backups of files in a stack."""
    docker = stack_daemon.on_docker(session)
    found = {}
    for each in docker.api.containers(filters={"label": docker.labels}):
        owner = backed_up(str((each.get("Labels") or {}).get("webstack.role", "")))
        if owner:
            name = str(each["Names"][0].lstrip("/"))
            found[owner] = FileBackups(owner, DataServer(docker.api, session.stack, name))
    return [found[owner] for owner in sorted(found)]


def owned(session: StackSession, owner: str) -> FileBackups:
    """Find the backups of one owner; raises OpsError where there are none."""
    for each in all_of(session):
        if each.owner == owner:
            return each
    raise OpsError(
        f"{session.stack} makes no backups of files of {owner}",
        "webstack:backups makes them of all that services and servers keep",
    )


def _writes(mount: dict[str, Any], volumes: set[str]) -> bool:
    return mount.get("Name") in volumes and bool(mount.get("RW"))


def _short(row: Row) -> str:
    return row.name.partition("/")[2]
