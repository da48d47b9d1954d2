"""Writes a bundle: manifest, images, then the project with the wheels of its tool, for tar."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webstack.cli.bundles import manifest as manifests
from webstack.cli.bundles.manifest import Manifest
from webstack.cli.bundles.reading import IMAGES, MANIFEST
from webstack.cli.machine.shell import CommandError, run
from webstack.cli.machine.tool_sources import WHEELHOUSE
from webstack.cli.terminal.errors import OpsError
from webstack.docker import archives

PROJECT = "project"
"""The folder of the project in a bundle."""


def project_files(root: Path, besides: Sequence[Path] = ()) -> list[str]:
    """List the files that a commit of the project would have; raises OpsError without git.

    ``besides`` are files that are no part of it, wherever they lie.
    """
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = run(words, cwd=root).split("\0")
    except (CommandError, OSError):
        raise OpsError(
            f"{root} is in no git repository, which says what belongs to it", "git init"
        ) from None
    left_out = {path.resolve() for path in besides}
    return sorted(
        name
        for name in listed
        if name
        and not name.startswith(f"{WHEELHOUSE}/")
        and (root / name).resolve() not in left_out
        and (root / name).is_file()
    )


def write(target: IO[bytes], manifest: Manifest, images: IO[bytes], files: dict[str, Path]) -> None:
    """Write a bundle; ``files`` are paths of this machine by their names below the project."""
    size = images.seek(0, os.SEEK_END)
    images.seek(0)
    said = manifests.encoded(manifest)
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(archives.header(MANIFEST, len(said)), io.BytesIO(said))
        archive.addfile(archives.header(IMAGES, size), images)
        for name, path in sorted(files.items()):
            archive.add(path, f"{PROJECT}/{name}", recursive=False, filter=_as_root)


def _as_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of ``path`` once it is whole; raises OpsError."""
    half = path.with_name(f".{path.name}.half")
    try:
        with half.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise OpsError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        half.unlink(missing_ok=True)
