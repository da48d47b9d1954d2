"""Reads and writes the CLI's file backend: state, history and backups of stacks."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from webstack.contract import bounded_files
from webstack.engine.model.errors import (
    BackendError,
    DamagedStateError,
    StackNotFoundError,
    StateError,
    UnsupportedError,
)
from webstack.engine.storage import files, privacy
from webstack.engine.storage.privacy import Access

BOOKKEEPING: Final = ".pulumi"
_META: Final = "version: 1\n"
_KINDS: Final = (".json", ".json.gz", ".json.zst")


class StateBackend(msgspec.Struct, frozen=True):
    """Reads and writes a state folder on behalf of one project."""

    folder: Path
    project: str
    keep_backups: bool = True

    @property
    def url(self) -> str:
        """Return the folder as the CLI names it."""
        return f"file://{self.folder}"

    def qualified(self, stack: str) -> str:
        """Return a stack's full name, as it stands in its checkpoint."""
        return f"organization/{self.project}/{stack}"

    @property
    def access(self) -> Access:
        """Return the modes of the files and folders, which say who may read them."""
        return privacy.access_to(self.folder)

    def tighten(self) -> None:
        """Remove other users' rights to files that an earlier version or the CLI wrote."""
        home, access = self._path(), self.access
        privacy.tighten(home, access)
        with suppress(OSError):
            if list(self.folder.iterdir()) == [home]:  # else it is somebody's own
                privacy.limit(self.folder, access.folder)

    def locks(self, stack: str) -> Path:
        """Return the folder of a stack's lock files."""
        return self._path("locks") / "organization" / self.project / stack

    def note(self, stack: str) -> Path:
        """Return the path of the file that tells of a run of the CLI what its lock does not."""
        return self._path("webstack", self.project, f"{stack}.json")

    def stacks(self) -> list[str]:
        """List the stacks of the project by name."""
        suffixes = (".json", ".json.gz")
        names = (path.name for path in self._path("stacks", self.project).glob("*.json*"))
        return sorted(
            {name.removesuffix(end) for name in names for end in suffixes if name.endswith(end)}
        )

    def exists(self, stack: str) -> bool:
        """Tell whether the stack has a checkpoint."""
        return self._newest(stack) is not None

    def read(self, stack: str) -> bytes:
        """Read a stack's checkpoint; raises StackNotFoundError when there is none."""
        path = self._newest(stack)
        if path is None:
            raise StackNotFoundError(
                f"no stack named '{stack}' found in {self.url}: "
                f"create it with `webstack stack init {stack}`"
            )
        return _unpacked(path)

    @contextmanager
    def located(self, stack: str) -> Iterator[None]:
        """Raise a damaged state's error again, with its path and those of good ones."""
        try:
            yield
        except DamagedStateError as error:
            path, backups = self._newest(stack), self._path("backups", self.project, stack)
            raise StateError(
                f"{error}. Restore {path} from {path}.bak, or from the newest file in {backups}"
            ) from error

    def write(self, stack: str, text: str) -> None:
        """Replace a stack's checkpoint; the one before it becomes the ``.bak`` file."""
        old, path = self._newest(stack), self._checkpoint(stack)
        if not self._meta.exists():
            self._write(self._meta, _META)
        try:
            if old is not None:
                self._keep(old)
        except OSError as error:
            raise BackendError(
                f"cannot back up {old}: {error.strerror or error}. {files.REMEDY}"
            ) from error
        self._write(path, text)
        if old is not None and old != path:
            old.unlink(missing_ok=True)

    def sweep(self, stack: str) -> None:
        """Remove what killed runs left half-written. Call it only while holding the lock."""
        for pattern in (f".{stack}.json.*.tmp", f".{stack}.json.bak.*.tmp"):
            for path in self._path("stacks", self.project).glob(pattern):
                path.unlink(missing_ok=True)

    def remove(self, stack: str) -> None:
        """Remove everything about a stack except its settings file."""
        folder = self._path("stacks", self.project)
        for path in folder.glob(f"{stack}.json*"):
            files.remove(path)
        for kind in ("history", "backups"):
            shutil.rmtree(self._path(kind, self.project, stack), ignore_errors=True)
        shutil.rmtree(self.locks(stack), ignore_errors=True)
        files.remove(self.note(stack))

    def record(self, stack: str, update: Mapping[str, Any]) -> None:
        """Add an update to the history, with the checkpoint it ended in and a backup of it."""
        checkpoint = self.read(stack).decode()
        moment = self._moment(stack)
        stem = self._path("history", self.project, stack) / f"{stack}-{moment}"
        text = json.dumps(update, ensure_ascii=False, separators=(",", ":"))
        self._write(stem.with_name(f"{stem.name}.history.json"), text, durable=False)
        self._write(stem.with_name(f"{stem.name}.checkpoint.json"), checkpoint, durable=False)
        if self.keep_backups:
            name = f"{stack}.{moment + 1}.json"
            backup = self._path("backups", self.project, stack) / name
            self._write(backup, checkpoint, durable=False)

    def history(self, stack: str) -> list[dict[str, Any]]:
        """List the updates of a stack, the newest first."""
        folder = self._path("history", self.project, stack)
        paths = [path for kind in _KINDS for path in folder.glob(f"{stack}-*.history{kind}")]
        return [_update(path) for path in sorted(paths, key=_stamp, reverse=True)]

    def _write(self, path: Path, text: str, *, durable: bool = True) -> None:
        files.write(path, text, durable=durable, access=self.access)

    def _moment(self, stack: str) -> int:
        """Return the time in nanoseconds, later than every record even if the clock is not."""
        folder = self._path("history", self.project, stack)
        newest = max((_stamp(path) for path in folder.glob(f"{stack}-*.history.json*")), default=0)
        return max(time.time_ns(), newest + 1)

    def _keep(self, old: Path) -> None:
        """Copy the checkpoint to its ``.bak`` file, which is never seen half-written either."""
        backup = old.with_name(f"{old.name}.bak")
        temporary = old.with_name(f".{backup.name}.{uuid.uuid4().hex}.tmp")
        try:
            with old.open("rb") as source, files.created(temporary, self.access.file) as target:
                shutil.copyfileobj(source, target)
            temporary.replace(backup)
        finally:
            temporary.unlink(missing_ok=True)

    def _verify_layout(self) -> None:
        """Refuse a folder with another layout; raises BackendError. An empty one has none yet."""
        if not self._meta.exists():
            return
        found = files.read(self._meta).decode(errors="replace")
        version = re.fullmatch(r"version:\s*(\d+)", found.strip())
        if version is None:
            raise BackendError(f"{self._meta} is damaged: write `{_META.strip()}` into it")
        if version[1] != _META.split()[1]:
            raise UnsupportedError(f"version {version[1]} of the state folder ({self._meta})")

    def _newest(self, stack: str) -> Path | None:
        self._verify_layout()
        plain = self._checkpoint(stack)
        if plain.with_name(f"{plain.name}.zst").exists():
            raise UnsupportedError(f"the zstd-compressed state {plain}.zst")
        found = [path for path in (plain, plain.with_name(f"{plain.name}.gz")) if path.exists()]
        return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)

    @property
    def _meta(self) -> Path:
        return self._path("meta.yaml")

    def _checkpoint(self, stack: str) -> Path:
        return self._path("stacks", self.project) / f"{stack}.json"

    def _path(self, *parts: str) -> Path:
        return self.folder.joinpath(BOOKKEEPING, *parts)


def _stamp(path: Path) -> int:
    """Return the nanoseconds in the name of a record, 0 for any other name."""
    stamp = path.name.partition(".history.")[0].rpartition("-")[2]
    return int(stamp) if stamp.isdigit() else 0


def _unpacked(path: Path) -> bytes:
    """Read a file that the CLI may have compressed, as its variables say."""
    if path.suffix == ".zst":
        raise UnsupportedError(f"the zstd-compressed {path}")
    content = files.read(path)
    try:
        if path.suffix != ".gz":
            return content
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return bounded_files.read_stream(packed, bounded_files.LARGEST)
    except (OSError, EOFError, zlib.error) as error:
        raise BackendError(f"{path} is damaged: {error}") from error


def _update(path: Path) -> dict[str, Any]:
    try:
        update = json.loads(_unpacked(path))
    except ValueError as error:
        raise BackendError(f"{path} is damaged ({error}): remove it") from error
    if not isinstance(update, dict):
        raise BackendError(f"{path} is damaged (not an object): remove it")
    return update
