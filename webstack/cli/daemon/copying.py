"""Copies files out of containers and into their volumes, as archives that the daemon gives."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from webstack.cli.daemon.containers import plain_errors
from webstack.cli.terminal.errors import OpsError
from webstack.docker.errors import NotFoundError, RefusedError

_SPOOLED = 32 << 20


def out_of(api: Any, container: str, path: str, target: Path) -> None:
    """Copy a file or folder of a container; into ``target`` where that is a folder, else as it.

    Links that lead out of what is copied, and devices, are left out. Raises OpsError.
    """
    with plain_errors(), tempfile.SpooledTemporaryFile(_SPOOLED) as packed:
        try:
            stream, _ = api.get_archive(container, path)
        except NotFoundError:
            raise OpsError(
                f"{container} has no {path}", "see what there is: webstack exec"
            ) from None
        for chunk in stream:
            packed.write(chunk)
        packed.seek(0)
        name = target.name if not target.is_dir() else PurePosixPath(path).name
        folder = target if target.is_dir() else target.parent
        with tarfile.open(fileobj=packed) as archive:
            _extract(archive, folder, name or "root")


def _extract(archive: tarfile.TarFile, folder: Path, name: str) -> None:
    root = (folder / name).absolute()
    for entry in archive.getmembers():
        below = PurePosixPath(entry.name).parts[1:]
        place = root.joinpath(*below)
        if ".." in below or not place.is_relative_to(root):
            continue
        if entry.isdir():
            place.mkdir(parents=True, exist_ok=True)
        elif entry.isreg() and (content := archive.extractfile(entry)):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            with place.open("wb") as file:
                while chunk := content.read(1 << 18):
                    file.write(chunk)
            place.chmod(entry.mode & 0o755)


def into(api: Any, container: str, source: Path, path: str) -> None:
    """Copy a file or folder into a folder of a container, as its user's; raises OpsError."""
    if not source.exists():
        raise OpsError(f"{source}: no such file", "name one of this machine")
    with plain_errors(), tempfile.SpooledTemporaryFile(_SPOOLED) as packed:
        user = str(api.inspect_container(container)["Config"].get("User") or "0")
        owner = user.partition(":")[0]

        def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
            entry.uid = entry.gid = int(owner) if owner.isdecimal() else 0
            entry.uname = entry.gname = ""
            return entry

        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(source.absolute(), source.absolute().name, filter=owned)
        packed.seek(0)
        try:
            api.put_archive(container, path, packed)
        except NotFoundError:
            raise OpsError(
                f"{container} has no folder {path}", "name a folder that is there"
            ) from None
        except RefusedError as error:
            if "read-only" not in str(error):
                raise
            raise OpsError(
                f"{path} of {container} cannot be written to",
                "name a folder of data or volumes",
            ) from None
