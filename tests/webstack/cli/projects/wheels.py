"""Make wheels of the tool for tests: this checkout's template, at whatever version."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[4]
_FILES = {"webstack/template": "webstack/template", "webstack/locks": "webstack/locks"}


def make_wheel(
    folder: Path, version: str = "1.0.0", changed: Mapping[str, str | None] | None = None
) -> Path:
    """Write a wheel whose template has some files changed, or left out where they are None."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"webstack-{version}-py3-none-any.whl"
    data = f"webstack-{version}.data/data/share/webstack"
    changed = {f"webstack/template/{name}": text for name, text in (changed or {}).items()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for source, target in (
            *_FILES.items(),
            ("proxy", f"{data}/proxy"),
            ("infra/images", f"{data}/infra/images"),
        ):
            for at, _, names in os.walk(ROOT / source, followlinks=True):
                for name in names:
                    path = Path(at, name)
                    inside = f"{target}/{path.relative_to(ROOT / source).as_posix()}"
                    if inside not in changed and path.suffix != ".pyc":
                        entry = zipfile.ZipInfo(inside)
                        entry.external_attr = path.stat().st_mode << 16
                        archive.writestr(entry, path.read_bytes())
        for name, text in changed.items():
            if text is not None:
                archive.writestr(name, text)
        archive.writestr("webstack/__init__.py", f'__version__ = "{version}"\n')
        archive.writestr(f"webstack-{version}.dist-info/METADATA", f"Version: {version}\n")
    return wheel
