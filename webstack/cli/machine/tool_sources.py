"""Finds the tool that a project runs on: its own checkout, or a wheel that it keeps.

Standard library only. Either holds the locks of all packages that the tool needs.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from webstack.cli.terminal.errors import OpsError

SETUP_LOCK = "requirements-setup.txt"
RUNTIME_LOCK = "requirements.txt"
DEV_LOCK = "requirements-dev.txt"
TESTS_LOCK = "requirements-tests.txt"
WHEELS = "wheels"
WHEELHOUSE = "wheelhouse"
_LOCKS_IN_WHEEL = "webstack/locks/"


class ToolSource(Protocol):
    """Defines what an environment is made from."""

    @property
    def wheel(self) -> Path | None:
        """Return the wheel to install; none where the project holds the tool's modules itself."""

    def contents(self, dev: bool) -> Iterator[tuple[str, bytes]]:
        """Give what decides whether an environment is current: names with their bytes."""

    def locks(self, dev: bool, cache: Path) -> list[str]:
        """Give the paths of the locks to install, relative to the project or absolute."""

    def setup_lock(self, cache: Path) -> Path:
        """Give the path of the lock that names the installer."""


@dataclass(frozen=True)
class Checkout:
    """Describes a project that holds the tool's modules itself, and the locks at its top."""

    project: Path
    wheel: None = None

    def contents(self, dev: bool) -> Iterator[tuple[str, bytes]]:
        """Give the locks; one for developing has all that running needs."""
        for name in sorted({SETUP_LOCK, RUNTIME_LOCK, DEV_LOCK if dev else RUNTIME_LOCK}):
            yield name, (self.project / name).read_bytes()

    def locks(self, dev: bool, cache: Path) -> list[str]:
        """Give the locks as they stand in the project."""
        return [DEV_LOCK if dev else RUNTIME_LOCK, SETUP_LOCK]

    def setup_lock(self, cache: Path) -> Path:
        """Give the lock as it stands in the project."""
        return self.project / SETUP_LOCK


@dataclass(frozen=True)
class KeptWheel:
    """Describes a project that keeps the tool as a wheel, and locks packages of its own."""

    project: Path
    wheel: Path

    def contents(self, dev: bool) -> Iterator[tuple[str, bytes]]:
        """Give the wheel, the locks in it, and the project's own lock."""
        yield self.wheel.name, self.wheel.read_bytes()
        for name in sorted({SETUP_LOCK, RUNTIME_LOCK, TESTS_LOCK if dev else RUNTIME_LOCK}):
            yield name, self._in_wheel(name)
        if self._own.is_file():
            yield "own packages", self._own.read_bytes()

    def locks(self, dev: bool, cache: Path) -> list[str]:
        """Write the wheel's locks below the cache; the project's own comes last."""
        names = [TESTS_LOCK if dev else RUNTIME_LOCK, SETUP_LOCK]
        own = [str(self._own)] if self._own.is_file() else []
        return [*(str(self._unpacked(name, cache)) for name in names), *own]

    def setup_lock(self, cache: Path) -> Path:
        """Write the wheel's lock below the cache."""
        return self._unpacked(SETUP_LOCK, cache)

    @property
    def _own(self) -> Path:
        return self.project / RUNTIME_LOCK

    def _unpacked(self, name: str, cache: Path) -> Path:
        path = cache / name
        path.write_bytes(self._in_wheel(name))
        return path

    def _in_wheel(self, name: str) -> bytes:
        try:
            with zipfile.ZipFile(self.wheel) as archive:
                return archive.read(_LOCKS_IN_WHEEL + name)
        except (OSError, KeyError, zipfile.BadZipFile):
            raise OpsError(
                f"{self.wheel} is no whole wheel of webstack", "check it out again"
            ) from None


def tool_of(project: Path) -> ToolSource:
    """Find what a project runs on; raises OpsError where that is not one thing."""
    if (project / "webstack" / "__init__.py").is_file():
        return Checkout(project)
    return KeptWheel(project, kept_wheel(project))


def kept_wheel(project: Path) -> Path:
    """Find the one wheel of the tool that a project keeps; raises OpsError."""
    found = sorted((project / WHEELS).glob("webstack-*.whl"))
    if len(found) != 1:
        raise OpsError(
            f"{project / WHEELS} holds {len(found)} wheels of webstack",
            "keep one: `git checkout wheels` brings back what was committed",
        )
    return found[0]


def digest(content: bytes) -> str:
    """Give the hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()
