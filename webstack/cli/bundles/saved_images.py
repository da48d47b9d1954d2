"""Reads what `docker save` writes: which images are in it, by what their configurations are.

It comes from outside: sizes and names are bounded, and nothing of it is written anywhere.
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import tarfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

_MANIFEST: Final = "manifest.json"
_LARGEST: Final = 8 << 20
"""Bytes of a manifest or of an image's configuration; the largest have some hundred kilobytes."""
_MOST: Final = 20_000
"""Entries; an image has at most 127 layers, and three or four for each."""
_AGAIN: Final = "make the bundle again"


class Bounded(io.RawIOBase):
    """Gives an archive's bytes, none of its headers' claims being worth more than some megabytes.

    tarfile reads names and extended headers whole, however long they say that they are.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can go back."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place; raises tarfile.ReadError for one that no file has."""
        try:
            return self._file.seek(offset, whence)
        except (ValueError, OverflowError, OSError) as error:
            raise tarfile.ReadError(str(error)) from None

    def tell(self) -> int:
        """Give the place."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes; raises tarfile.ReadError for more than any header has."""
        if not 0 <= size <= _LARGEST:
            raise tarfile.ReadError("an entry is larger than it may be")
        return self._file.read(size)


def digests(file: IO[bytes]) -> dict[str, str]:
    """Give the digest of each image's configuration by the image's name; raises OpsError.

    The configuration names each layer by its digest, which the daemon checks.
    """
    try:
        with tarfile.open(fileobj=Bounded(file), mode="r:") as archive:
            entries = dict(_entries(archive))
            said = _json(archive, entries.get(_MANIFEST))
            return dict(_digests(archive, entries, said))
    except (tarfile.TarError, EOFError, OSError) as error:
        reason = plain_text.line(str(error))
        raise OpsError(f"its images cannot be read: {reason}", _AGAIN) from None


def _entries(archive: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    for number, entry in enumerate(archive):
        if number >= _MOST:
            raise OpsError("its images have too many files", _AGAIN)
        name = posixpath.normpath(entry.name)
        link = posixpath.join(posixpath.dirname(name), entry.linkname) if entry.issym() else ""
        if _leads_out(name) or _leads_out(posixpath.normpath(link)):
            raise OpsError(f"a file of its images leads out of them: {name}", _AGAIN)
        if not (entry.isreg() or entry.isdir() or entry.issym()) or entry.issparse():
            raise OpsError(f"a file of its images is no file: {name}", _AGAIN)
        yield name, entry


def _leads_out(path: str) -> bool:
    return path.startswith(("/", "..")) or "\0" in path


def _digests(
    archive: tarfile.TarFile, entries: Mapping[str, tarfile.TarInfo], said: Any
) -> Iterator[tuple[str, str]]:
    for image in said if isinstance(said, list) else ():
        names = image.get("RepoTags") if isinstance(image, dict) else None
        entry = entries.get(str(image.get("Config"))) if isinstance(image, dict) else None
        content = _content(archive, entry)
        if content is None or not isinstance(names, list):
            raise OpsError("its images do not say what they are", _AGAIN)
        for name in names:
            yield str(name), f"sha256:{hashlib.sha256(content).hexdigest()}"


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo | None) -> bytes | None:
    if entry is None or not entry.isreg() or not 0 <= entry.size <= _LARGEST:
        return None
    file = archive.extractfile(entry)
    return file.read(entry.size) if file else None


def _json(archive: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Any:
    try:
        return json.loads(_content(archive, entry) or b"null")
    except (ValueError, RecursionError):
        return None
