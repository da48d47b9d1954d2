"""Brings an application into the project from its repository: one commit, without history."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from webstack.cli.terminal.errors import OpsError

_ADDRESS = re.compile(r"(https?|ssh|git|file)://[^\s-]\S*|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:\S+")
_SECONDS = 600


def is_address(text: str) -> bool:
    """Tell whether a text is the address of a git repository, and no folder."""
    return _ADDRESS.fullmatch(text) is not None


def fetched(address: str, target: Path) -> str:
    """Copy the newest commit of a repository to ``target``; gives its hash. Raises OpsError."""
    if target.exists():
        raise OpsError(f"{target} is there already", "give the service another name")
    if not shutil.which("git"):
        raise OpsError("git is not installed", "install it, or name a folder")
    with tempfile.TemporaryDirectory(prefix="webstack-add-") as place:
        clone = Path(place) / "clone"
        _git("clone", "--quiet", "--depth", "1", "--no-tags", "--template=", address, str(clone))
        commit = _git("-C", str(clone), "rev-parse", "HEAD").strip()
        shutil.rmtree(clone / ".git")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(clone, target, symlinks=True)
    return commit


def _git(*words: str) -> str:
    """Run git so that it asks nobody, and runs no hook and no filter of the repository's."""
    safe = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
    try:
        done = subprocess.run(
            ["git", *safe, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OpsError(f"git needed more than {_SECONDS} s", "fetch it yourself") from None
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise OpsError(f"git cannot fetch it: {said}", "check the address")
    return done.stdout
