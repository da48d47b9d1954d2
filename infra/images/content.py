"""Names that follow content: the same content has the same name on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.images import migrations
from infra.images.sources import acceptable, check_script
from webstack.docker.build_context import Sending
from webstack.docker.context_digest import contents, dockerfile_digest


def digest(value: Any, length: int = 8) -> str:
    """Compute hexadecimal digits that stand for a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@dataclass(frozen=True)
class Context:
    """A build context by what the daemon would receive; times of writing do not count."""

    digest: str
    files: Mapping[str, str]
    """Eight digits for each file, so that a review can name those that changed."""
    migrations: Mapping[str, str] = field(default_factory=dict)
    """What is judged of each migration in it, by its path."""

    @classmethod
    def of(cls, folder: Path, dockerfile: Path) -> Context:
        """Read a folder; raises ContextError where it cannot be sent, or should not be."""
        sending = Sending.of(folder, dockerfile)
        whole = hashlib.sha256(dockerfile_digest(sending))
        files, found = {}, {}
        for content in contents(acceptable(sending.entries())):
            check_script(content)
            whole.update(content.digest)
            if not content.entry.is_folder:
                files[content.entry.name] = content.digest.hex()[:8]
                if migrations.is_migration(content.entry.name):
                    text = (folder / content.entry.name).read_text(errors="replace")
                    found[content.entry.name] = migrations.judged(text)
        return cls(whole.hexdigest(), summed_up(files), found)


def summed_up(files: Mapping[str, str], limit: int = 400) -> dict[str, str]:
    """Merge the files of the deepest folders into one entry each, until there are few enough.

    ``limit`` is the number of entries that are few enough. Files that lie in no folder are never
    merged.
    """
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
