"""Gives the services that a new project begins with: the smallest one, or applications."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webstack.cli.projects.tree import File, Tree, read_file
from webstack.cli.terminal.errors import OpsError
from webstack.contract import bounded_files, plain_text

KINDS = {"flask": "Flask application", "django": "Django application", "site": "static site"}
"""What may be copied, by the word of its option."""
_FOUND = {"flask": "Flask", "django": "Django", "site": "a static site"}
"""What `add` calls each."""
_STARTER = "web"
_SKIPPED = {".git", ".hg", ".svn", ".venv", "venv", "env", "__pycache__", "node_modules", ".tox"}
_PLAIN = re.compile(r"[a-z/][\w./-]*", re.ASCII)
_NO_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


@dataclass(frozen=True)
class Service:
    """Holds a service: its name, its files, its settings but for the route, and what was found."""

    name: str
    tree: Tree
    settings: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    def lines(self, path: str, replicas: int) -> str:
        """Give its lines of a settings file, served at a path."""
        several = {"replicas": replicas} if replicas > 1 else {}
        entry = {"source": f"services/{self.name}", "path": path, **several, **self.settings}
        written = (f"      {key}: {_written(value)}\n" for key, value in entry.items())
        return "".join([f"    {self.name}:\n", *written])


def started(tree: Tree) -> Service:
    """Make the service that a project without an application begins with."""
    return Service(_STARTER, tree)


def adopted(kind: str, folder: Path) -> Service:
    """Make a service of an application's folder; raises OpsError where there is none of the kind.

    Its files are copied, without environments, repositories and caches.
    """
    try:
        from webstack.cli.applications import service_entry
        from webstack.cli.applications.dependencies.package_files import index_files
        from webstack.cli.applications.recognise import recognise
        from webstack.cli.applications.tree import read_tree
    except ModuleNotFoundError as error:
        raise OpsError(
            f"looking at an application needs the package {error.name}, which this Python has not",
            f"make the project without --{kind}, and run `make env` and `webstack add PATH` in it",
        ) from None
    found = recognise(read_tree(folder), look_up=index_files)
    if found.framework != _FOUND[kind]:
        raise OpsError(
            f"{plain_text.line(str(folder))} holds no {KINDS[kind]}, but "
            f"{plain_text.line(found.framework)}",
            "make the project without it, and run `webstack add PATH` in it",
        )
    made = {name: File(text.encode()) for name, text in found.files.items()}
    entry = service_entry.entry_of(found, "", {})
    told = (
        *service_entry.shown(found.settings),
        *(f"  not solved: {each}" for each in found.unsolved),
    )
    name = service_entry.name_from(str(folder.resolve()))
    settings = {key: value for key, value in entry.items() if key != "source"}
    return Service(name, {**made, **dict(_files(folder))}, settings, told)


def _files(folder: Path) -> Iterator[tuple[str, File]]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = Path(at, name)
            try:
                file = read_file(path)
            except bounded_files.UnreadableError as error:
                shown = plain_text.line(str(path))
                raise OpsError(f"cannot copy {shown}: {error}", "remove it first") from None
            if file:
                yield path.relative_to(folder).as_posix(), file


def _written(value: Any) -> str:
    """Write a value in YAML's short form, plain where that is the same text."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _NO_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)
