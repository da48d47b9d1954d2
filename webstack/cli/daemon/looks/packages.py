"""Reads which packages an image holds: Debian's, and Python's, by their own records."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from typing import IO, Any

import msgspec

from webstack.cli.daemon.containers import plain_errors

_DPKG = "var/lib/dpkg/status"
_DPKG_PARTS = "var/lib/dpkg/status.d/"
"""Where images without dpkg keep a record for each package."""
_PYTHON = (".dist-info/METADATA", ".egg-info/PKG-INFO")
_SYSTEM = ("etc/os-release", "usr/lib/os-release")
_LARGEST = 64 << 20
"""Bytes of one record that are read; a larger one is none."""


class Package(msgspec.Struct, frozen=True, order=True):
    """Holds one package: ``deb`` or ``pypi``, its name, version, and for Debian its machine."""

    kind: str
    name: str
    version: str
    machine: str = ""


class Contents(msgspec.Struct, frozen=True):
    """Holds what an image is made of; ``system`` is the distribution, such as debian-13."""

    system: str
    packages: tuple[Package, ...]


def of_image(api: Any, image: str) -> Contents:
    """Read an image from a container that is never started; raises OpsError."""
    with plain_errors():
        made = api.create_container(image, command=["true"], network_disabled=True)["Id"]
        try:
            return read(_Stream(api.export(made)))
        finally:
            api.remove_container(made, force=True, v=True)


def read(stream: IO[bytes] | _Stream) -> Contents:
    """Read the records in the archive of a whole file system."""
    found: set[Package] = set()
    system = ""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for entry in archive:
            name = entry.name.removeprefix("./")
            if entry.size > _LARGEST or not _is_record(name):
                continue
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is None:
                continue
            text = content.read().decode(errors="replace")
            if name in _SYSTEM:
                system = _system(text)
            elif name.endswith(_PYTHON):
                found.update(_python(text))
            else:
                found.update(_debian(text))
    return Contents(system, tuple(sorted(found)))


def _is_record(name: str) -> bool:
    parts = name.startswith(_DPKG_PARTS) and not name.endswith(".md5sums")
    return name in (_DPKG, *_SYSTEM) or parts or name.endswith(_PYTHON)


def _system(text: str) -> str:
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    values = (said.get(key, "").strip("\"'") for key in ("ID", "VERSION_ID"))
    return "-".join(filter(None, values))


def _debian(text: str) -> Iterator[Package]:
    """Read what dpkg says of packages, those alone that are installed."""
    for record in text.split("\n\n"):
        said = HeaderParser().parsestr(record.strip())
        state = str(said.get("Status", "install ok installed"))
        if said.get("Package") and said.get("Version") and state.endswith(" installed"):
            machine = str(said.get("Architecture", ""))
            yield Package("deb", str(said["Package"]), str(said["Version"]), machine)


def _python(text: str) -> Iterator[Package]:
    said = HeaderParser().parsestr(text)
    if said.get("Name") and said.get("Version"):
        yield Package("pypi", _normal(str(said["Name"])), str(said["Version"]))


def _normal(name: str) -> str:
    """Write a project's name as the index does: any run of dashes, dots and underlines is one."""
    words = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(filter(None, words))


class _Stream(io.RawIOBase):
    """Reads chunks as a file that cannot go back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = chunk
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count
