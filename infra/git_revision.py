"""Tells which commit the working tree is at."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from infra.model.records import Origin

_ANOTHER_OWNER = re.compile(r"^fatal: detected dubious ownership|safe\.directory", re.M)


def origin(root: str, warn: Callable[[str], None]) -> Origin:
    """Give the commit, and whether the project's folder has no changes since; empty outside of git.

    Warns, in one line, if git does not tell because another user owns the checkout.
    """
    found = _git(root, "rev-parse", "HEAD")
    if found is None or found.returncode:
        if found and _ANOTHER_OWNER.search(found.stderr):
            warn(
                f"another user owns the checkout of {root}, so that git does not tell its commit, "
                f"and this release has none; `git config --global --add safe.directory "
                f"{_safe(found.stderr) or root}` lets it"
            )
        return Origin()
    changes = _git(root, "status", "--porcelain", "--", ".")
    clean = None if changes is None or changes.returncode else not changes.stdout.strip()
    return Origin(found.stdout.strip(), clean=clean)


def _safe(said: str) -> str | None:
    """Give the folder that git itself names in its message; None if it names none."""
    found = re.search(r"safe\.directory (\S.*)$", said, re.M)
    return found[1].strip() if found else None


def _git(root: str, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    command = ["git", *arguments]
    try:
        return subprocess.run(
            command,
            cwd=Path(root),
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None  # there is no git
