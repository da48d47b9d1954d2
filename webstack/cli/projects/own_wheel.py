"""Gives the wheel of the very tool that runs: kept, built from its checkout, or packed again."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import webstack
from webstack.cli.machine.shell import run

_DISTRIBUTION = "webstack"
_LONG_AGO = 315532800
"""1980-01-01, before which no zip archive can date: so the same content gives the same bytes."""
_ENTRY_DATE = (1980, 1, 1, 0, 0, 0)
# What an installer adds, which is no part of the wheel.
_INSTALLER_S = ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD")


def own_wheel(scratch: Path) -> Path:
    """Give the wheel, made below ``scratch`` unless this runs from it; raises CommandError."""
    top = Path(webstack.__file__).resolve().parents[1]
    if top.is_file():
        return top
    if (top / "pyproject.toml").is_file():
        return _built(top, scratch)
    return _packed(distribution(_DISTRIBUTION), scratch)


def _built(checkout: Path, scratch: Path) -> Path:
    """Build it; nothing of an earlier build, and nothing in the checkout, is touched."""
    places = scratch / "places.cfg"
    places.write_text(f"[build]\nbuild_base={scratch}/build\n[egg_info]\negg_base={scratch}\n")
    variables = {"DIST_EXTRA_CONFIG": str(places), "SOURCE_DATE_EPOCH": str(_LONG_AGO)}
    run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(scratch), "."],
        env={**os.environ, **variables},
        cwd=checkout,
    )
    [wheel] = scratch.glob("webstack-*.whl")
    return wheel


def _packed(installed: Distribution, scratch: Path) -> Path:
    """Pack the installed files again, as the wheel had them."""
    folder = f"{_DISTRIBUTION}-{installed.version}"
    wheel = scratch / f"{folder}-py3-none-any.whl"
    record = f"{folder}.dist-info/RECORD"
    prefix = Path(sys.prefix).resolve()
    lines = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(installed.files or (), key=str):
            path = Path(str(entry.locate())).resolve()
            name = _name_in_wheel(str(entry), path, prefix, folder)
            if name:
                content = path.read_bytes()
                _write(archive, name, content, executable=os.access(path, os.X_OK))
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
                lines.append(f"{name},sha256={digest.decode()},{len(content)}\n")
        _write(archive, record, "".join([*lines, f"{record},,\n"]).encode())
    return wheel


def _name_in_wheel(entry: str, path: Path, prefix: Path, folder: str) -> str | None:
    """Give a file's name in the wheel; None for what an installer has made."""
    if "__pycache__" in path.parts or path.name in _INSTALLER_S:
        return None
    if not entry.startswith(".."):
        return entry
    shared = path.relative_to(prefix).as_posix()
    return f"{folder}.data/data/{shared}" if shared.startswith("share/") else None


def _write(
    archive: zipfile.ZipFile, name: str, content: bytes, *, executable: bool = False
) -> None:
    entry = zipfile.ZipInfo(name, _ENTRY_DATE)
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
