"""Names that follow content: the same content has the same name on every machine."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker.utils.build import exclude_paths


def digest(value: Any, length: int = 8) -> str:
    """Hexadecimal digits that stand for a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def context_digest(context: Path, dockerfile: Path) -> str:
    """Digest of a build context: what the engine would receive, not when it was written.

    Of a file's mode only the executable bit counts, as in git, so that two checkouts agree.
    Raises FileNotFoundError where the Dockerfile is missing.
    """
    content = hashlib.sha256()
    content.update(dockerfile.read_bytes())
    for name in sorted(_files(context)):
        content.update(_entry(context / name, name))
    return content.hexdigest()


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
