"""The service of an application as it stands in a settings file, and what is said of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from webstack.cli.applications.findings import Application, Found
from webstack.contract import plain_text
from webstack.engine.project import yaml_edit, yaml_files

SERVICES = "webstack:services"
_WIDEST = 60


def name_from(text: str) -> str:
    """Give the name of a service for a folder or an address: ``My_Shop.git`` is my-shop."""
    last = text.rstrip("/").removesuffix(".git").rpartition("/")[2].rpartition(":")[2]
    plain = re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", plain)[:31].rstrip("-") or "app"


def entry_of(application: Application, source: str, route: Mapping[str, Any]) -> dict[str, Any]:
    """Give the service's settings, of dotted keys the nested ones."""
    entry: dict[str, Any] = {"source": source, **route}
    for each in application.settings:
        key, _, below = each.key.partition(".")
        if below:
            entry.setdefault(key, {})[below] = each.value
        else:
            entry[key] = each.value
    return entry


def services_in(text: str) -> Mapping[str, Any]:
    """Give the services that a settings file has."""
    document = yaml_files.parsed(text) or {}
    services = (document.get("config") or {}).get(SERVICES)
    return services if isinstance(services, Mapping) else {}


def with_service(text: str, name: str, entry: Mapping[str, Any]) -> str:
    """Add a service to a settings file's text; comments and layout stay. Raises ProjectError."""
    if services_in(text):
        return yaml_edit.with_entry(text, ("config", SERVICES, name), entry)
    return yaml_edit.with_entry(text, ("config", SERVICES), {name: entry})


def shown(found: Iterable[Found]) -> list[str]:
    """Give a line for each setting: its key, its value, and from where it is known."""
    rows = [(each.key, _value(each.value), each.source) for each in found]
    wide = [max((len(row[n]) for row in rows), default=0) for n in (0, 1)]
    return [
        plain_text.line(f"  {key.ljust(wide[0])}  {value.ljust(wide[1])}  {source}".rstrip())
        for key, value, source in rows
    ]


def _value(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000).strip()
    text = text.removesuffix("\n...").strip()
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


def relative(source: Path, project: Path) -> tuple[str, bool]:
    """Give a source folder as the settings name it, and whether it lies outside of the project."""
    folder, root = source.resolve(), project.resolve()
    if folder.is_relative_to(root):
        return folder.relative_to(root).as_posix(), False
    return Path(os.path.relpath(folder, root)).as_posix(), True
