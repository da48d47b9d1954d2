"""Names that follow content: the same content has the same name on every machine."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.utils.build import exclude_paths


def digest(value: Any, length: int = 8) -> str:
    """Hexadecimal digits that stand for a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@dataclass(frozen=True)
class Context:
    """A build context: what the engine would receive, not when it was written.

    Of a file's mode only the executable bit counts, as in git, so that two checkouts agree.
    """

    digest: str
    files: Mapping[str, str]
    """Eight digits for each file, so that a review can name those that changed."""

    @classmethod
    def of(cls, folder: Path, dockerfile: Path) -> Context:
        """Read a folder; raises FileNotFoundError where the Dockerfile is missing."""
        content = hashlib.sha256(dockerfile.read_bytes())
        files = {}
        for name in sorted(_files(folder)):
            entry = _entry(folder / name, name)
            content.update(entry)
            files[name] = hashlib.sha256(entry).hexdigest()[:8]
        return cls(content.hexdigest(), summed_up(files))


def summed_up(files: Mapping[str, str], limit: int = 400) -> dict[str, str]:
    """The same with the deepest folders as one entry each, until there are few enough."""
    depth = max((name.count("/") for name in files), default=0)
    while len(files) > limit and depth:
        folders: dict[str, dict[str, str]] = {}
        for name, digits in files.items():
            parts = name.split("/")
            short = "/".join(parts[:depth]) + "/" if len(parts) > depth else name
            folders.setdefault(short, {})[name] = digits
        files = {
            name: digest(inside) if name.endswith("/") else inside[name]
            for name, inside in folders.items()
        }
        depth -= 1
    return dict(files)


def _files(context: Path) -> Iterator[str]:
    ignored = context / ".dockerignore"
    patterns = ignored.read_text().splitlines() if ignored.is_file() else []
    included = exclude_paths(str(context), [line.strip() for line in patterns if line.strip()])
    for name in included:
        path = context / name
        if path.is_symlink() or not path.is_dir():
            yield Path(name).as_posix()


def _entry(path: Path, name: str) -> bytes:
    if path.is_symlink():
        kind, body = b"link", str(path.readlink()).encode()
    else:
        executable = path.stat().st_mode & stat.S_IXUSR
        kind, body = (b"executable" if executable else b"file"), path.read_bytes()
    return b"\0".join([kind, name.encode(), hashlib.sha256(body).digest()])
