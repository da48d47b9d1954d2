"""Which commit the working tree is at."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.records import Origin


def origin(root: str) -> Origin:
    """The commit, and whether the project's folder is as committed; empty outside of git."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return Origin()
    changes = _git(root, "status", "--porcelain", "--", ".")
    return Origin(commit.strip(), clean=None if changes is None else not changes.strip())


def _git(root: str, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(root), capture_output=True, text=True, check=False
        )
    except OSError:
        return None  # there is no git
    return done.stdout if done.returncode == 0 else None
