"""Find the two samples by the packages in their folders, as they may be renamed or missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.settings.files import settings_of

HERE = Path(__file__).parents[1]
NOTES, GUESTBOOK = "notes", "guestbook"
"""The packages by which the two samples are known."""


@dataclass(frozen=True)
class Sample:
    """A sample as the environment `dev` serves it: below a path of localhost, and by its host."""

    name: str
    path: str
    host: str


def folders(root: Path = HERE) -> list[Path]:
    """Give the folders of the samples that this project has."""
    found = (each.parent for name in (NOTES, GUESTBOOK) for each in root.glob(f"*/{name}"))
    return [folder for folder in found if (folder / "Dockerfile").is_file()]


def served(package: str) -> Sample | None:
    """Give the sample with a package, if dev serves it by path and by host."""
    for name, each in settings_of("dev").get("webstack:services", {}).items():
        if (HERE.parent / each["source"] / package).is_dir() and each.get("hosts"):
            return Sample(name, each.get("path", "/").rstrip("/"), each["hosts"][0])
    return None
