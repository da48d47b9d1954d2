"""The choice of static files that are copied beside those of earlier releases.

Browsers keep a file for a year if its name carries its content. So such a file is refused if it
comes with other bytes than before. Otherwise, what visitors get would depend on when they came
first.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import tarfile
from collections.abc import Collection, Iterator, Mapping
from typing import IO

import msgspec

from infra.daemon.failures import DeploymentError
from proxy.static_names import is_hashed
from webstack.contract import plain_text

MOST_FILES = 50_000
MOST_BYTES = 2 * 2**30
_COMPRESSED = (".gz", ".br")
_MOST_LINKS = 40
_EARLIEST, _SECONDS = 1_000_000_000, 2**29


class StaticError(DeploymentError):
    """A folder of static files cannot be served as it is; the message is for the user."""


class StaticFile(msgspec.Struct, frozen=True):
    """A file of an archive: its name below the folder, and the digest of its content."""

    name: str
    member: str
    size: int
    digest: str

    @property
    def time(self) -> int:
        """Compute a time of change from the content: nginx makes the ETag of it and the size."""
        return _EARLIEST + int(self.digest[:12], 16) % _SECONDS


def files_in(archive: tarfile.TarFile, *, strict: bool) -> Iterator[StaticFile]:
    """Read the files below the one folder that an archive has.

    A link counts as the file that it leads to. With ``strict``, a file that cannot be served raises
    StaticError. Without it, such a file is passed over.
    """
    members = {posixpath.normpath(entry.name): entry for entry in archive.getmembers()}
    _check_size(members.values())
    for path, entry in members.items():
        name = path.partition("/")[2]
        if entry.isdir():
            continue
        found = _followed(members, path)
        problem = _problem(name, entry, found)
        if found is not None and not problem:
            yield StaticFile(name, found.name, found.size, _digest(archive.extractfile(found)))
        elif strict:
            raise StaticError(problem)


def to_put(files: list[StaticFile], there: Mapping[str, str], *, strict: bool) -> list[StaticFile]:
    """Give the files to copy: they are not there yet, or have other content there.

    ``there`` maps names to digests. A compressed file that browsers keep by its name is left alone
    if it is there: it may differ in what is no content, such as the time of its making. Raises
    StaticError with ``strict`` where any other name that browsers keep would get other bytes.
    """
    changed = [file for file in files if there.get(file.name) != file.digest]
    wanted = []
    for file in changed:
        kept = is_hashed(file.name) and file.name in there
        if kept and file.name.endswith(_COMPRESSED):
            continue
        if kept and strict:
            raise StaticError(
                f"the static file {plain_text.line(file.name)} has other content than that of an "
                "earlier release, which browsers keep for a year, since the hex digits in its name "
                "stand for its content; give it another name"
            )
        wanted.append(file)
    return wanted


def _check_size(entries: Collection[tarfile.TarInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise StaticError(f"the folder of static files has more than {MOST_FILES} files")
    if sum(entry.size for entry in entries) > MOST_BYTES:
        raise StaticError(f"the folder of static files has more than {MOST_BYTES >> 30} GiB")


def _followed(members: Mapping[str, tarfile.TarInfo], path: str) -> tarfile.TarInfo | None:
    """Give the regular file that a path leads to within the archive, if it does."""
    for _ in range(_MOST_LINKS):
        entry = members.get(path)
        if entry is None or entry.isreg():
            return entry
        if entry.issym():
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.linkname))
        elif entry.islnk():
            path = posixpath.normpath(entry.linkname)
        else:
            return None
    return None


def _problem(name: str, entry: tarfile.TarInfo, found: tarfile.TarInfo | None) -> str:
    shown = plain_text.line(os.fsencode(name).decode(errors="backslashreplace"))
    if not name:
        what = f"a link to {plain_text.line(entry.linkname)}" if entry.issym() else "no folder"
        return f"what the setting static names is {what}; name a folder"
    if "\n" in name or shown != name:
        return f"the name of the static file {shown} is no plain UTF-8; give it another one"
    if found is None and (entry.issym() or entry.islnk()):
        return f"the static file {shown} is a link to what is no file in that folder; copy it there"
    return "" if found is not None else f"the static file {shown} is no file; remove it"


def _digest(content: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while content and (chunk := content.read(1 << 18)):
        digest.update(chunk)
    return digest.hexdigest()
