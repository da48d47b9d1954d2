"""Gets uv, the package installer, into the project's cache; pip fetches it, checked by hash.

pip alone would do, but needs three times as long for the same locked packages.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

from webstack.cli.machine.host_packages import install
from webstack.cli.machine.shell import run
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import Reporter

PIP_OPTIONS = ("--no-deps", "--require-hashes", "--only-binary", ":all:")


class Pip:
    """pip as this machine has it: an installed one, or the copy that comes with Python."""

    def __init__(self, path: Path | None) -> None:
        self._env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        if path:
            self._env["PYTHONPATH"] = str(path)

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run one pip command and give what it printed."""
        return run([sys.executable, "-m", "pip", *arguments], env=self._env, cwd=cwd)

    def settings(self) -> str:
        """List pip's settings from its files and variables."""
        return self.run("config", "list")


def find_pip(cache: Path, reporter: Reporter) -> Pip:
    """Find pip; installs the distribution's package where the distribution left it out."""
    if importlib.util.find_spec("pip"):
        return Pip(None)
    if not _bundled_wheel():
        install("pip", "This Python has no pip", reporter)
        importlib.invalidate_caches()
    if importlib.util.find_spec("pip"):
        return Pip(None)
    wheel = _bundled_wheel()
    if wheel is None:
        raise OpsError("this Python has neither pip nor ensurepip", "install python3-venv")
    return Pip(_unpacked(wheel, cache))


def fetch_uv(
    pip: Pip, lock: Path, cache: Path, reporter: Reporter, options: Sequence[str] = ()
) -> Path:
    """Give the locked uv, downloaded if it is not in the cache yet; ``options`` are pip's."""
    home = cache / f"uv-{_locked_version(lock)}"
    uv = home / "bin/uv"
    if not uv.exists():
        half = cache / f"{home.name}.half"
        shutil.rmtree(half, ignore_errors=True)
        with reporter.step("Fetching the package installer"):
            target = ("--no-compile", "--target", str(half))
            pip.run("install", "-q", *PIP_OPTIONS, *target, *options, "-r", str(lock))
        shutil.rmtree(home, ignore_errors=True)
        half.rename(home)
    return uv


def _locked_version(lock: Path) -> str:
    for line in lock.read_text().splitlines():
        name, _, version = line.split(" ")[0].partition("==")
        if name == "uv":
            return version
    raise OpsError(f"{lock.name} locks no uv", "make it again with `make lock`")


def _bundled_wheel() -> Path | None:
    """Find the pip that ensurepip would install (Debian keeps it in a folder of its own)."""
    spec = importlib.util.find_spec("ensurepip")
    if spec is None or spec.origin is None:
        return None
    folders = [Path(spec.origin).parent / "_bundled"]
    if sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(sysconfig.get_config_var("WHEEL_PKG_DIR")))
    return next((wheel for folder in folders for wheel in folder.glob("pip-*.whl")), None)


def _unpacked(wheel: Path, cache: Path) -> Path:
    """Unpack it, since running it zipped is slower than unpacking and running it."""
    folder = cache / wheel.stem
    if not folder.exists():
        half = cache / f"{wheel.stem}.half"
        shutil.rmtree(half, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(half)
        half.rename(folder)
    return folder
