"""Reads settings files, in the one way of the program, its tests, policies and the engine.

A pull request can bring such a file, so what is read is bounded, however it is written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

from . import plain_text
from .bounded_files import UnreadableError, read_regular
from .yaml_composer import Composer, MalformedError

BYTES: Final = 2**19
# The two differ in speed alone.
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:
    """Read a file; raises MalformedError with its name, and FileNotFoundError."""
    try:
        return parsed(read_regular(path, BYTES).decode())
    except UnicodeDecodeError:
        raise MalformedError(f"{path.name} is not UTF-8; save it as such") from None
    except UnreadableError as error:
        raise MalformedError(f"cannot read {path.name}: {error}") from None
    except MalformedError as error:
        raise MalformedError(f"{path.name} is no settings file: {error}") from None


def parsed(text: str) -> Any:
    """Parse a text into texts, numbers, lists and mappings; raises MalformedError."""
    if len(text) > BYTES:
        raise MalformedError(f"it has more than {BYTES // 1024} KiB")
    composer = Composer()
    try:
        for event in yaml.parse(text, Loader=_Loader):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MalformedError(f"{plain_text.line(str(error.problem))} in line {line}") from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise MalformedError(plain_text.line(str(error).partition("\n")[0])) from None
    return composer.document


def as_text(value: Any) -> str:
    """Return a value as the text that Pulumi's Config reads."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
