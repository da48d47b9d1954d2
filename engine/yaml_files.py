"""Reading YAML settings files with errors that name the file and the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from .errors import ProjectError

_BOOL, _INT, _FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float"))
_TIME = "tag:yaml.org,2002:timestamp"


# mypy cannot know which of the two it is; they differ in speed alone.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads words as the Pulumi CLI does: ``off`` and ``yes`` are texts, as times of day are."""


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] not in (_BOOL, _INT, _FLOAT, _TIME)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_WORDS = (
    (_BOOL, r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (_INT, r"[-+]?(?:0|[1-9][0-9_]*|0[0-7_]+|0b[01_]+|0x[0-9a-fA-F_]+)", "-+0123456789"),
    (_FLOAT, r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
)


class _Dumper(yaml.SafeDumper):
    """Puts into quotes what any reader would take for something else than text."""


for _tag, _pattern, _first in _WORDS:
    for _kind in (_Loader, _Dumper):
        _kind.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), list(_first))


def parsed(text: str) -> Any:
    """Give what a text says; raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, in C


def dumped(value: Any) -> str:
    """Give a value as a block of lines, however long they are."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def read(path: Path) -> dict[str, Any]:
    """Read a mapping; an empty file is an empty one."""
    try:
        document = parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(f"cannot read {path.name}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path.name} is not YAML: {_one_line(error)}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ProjectError(f"{path.name} must be a mapping of keys to values")
    return document


def _one_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return str(error).splitlines()[0]
    return f"{getattr(error, 'problem', 'error')} in line {mark.line + 1}"
