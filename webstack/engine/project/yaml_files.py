"""Reads settings files as mappings, and writes entries of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from webstack.contract import yaml_scalars, yaml_settings
from webstack.contract.yaml_composer import MalformedError
from webstack.engine.model.errors import ProjectError


class _Dumper(yaml.SafeDumper):
    """Quotes each text that a reader would take for another type."""


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if _is_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _is_text(word: str) -> bool:
    try:
        return yaml_scalars.value(word) is word
    except ValueError:
        return False


_Dumper.add_representer(str, _represented)


def parsed(text: str) -> Any:
    """Parse a text; raises ProjectError."""
    try:
        return yaml_settings.parsed(text)
    except MalformedError as error:
        raise ProjectError(f"the settings cannot be read: {error}") from None


def dumped(value: Any) -> str:
    """Return a value as a block of lines, however long they are."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def read(path: Path) -> dict[str, Any]:
    """Read a mapping from a file. An empty file is an empty mapping."""
    try:
        document = yaml_settings.read(path)
    except FileNotFoundError:
        raise ProjectError(f"cannot read {path.name}: there is no such file") from None
    except MalformedError as error:
        raise ProjectError(str(error)) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ProjectError(f"{path.name} must be a mapping of keys to values")
    return document
