"""Facts about the image that a Dockerfile makes, as far as its text alone tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_COMMENT = re.compile(r"\s*#")
_HERE = re.compile(r"(?<!<)<<-?([\"']?)([A-Za-z_]\w*)\1")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})")
_WITH_TEXT = ("RUN", "COPY", "ADD")


class Made(NamedTuple):
    """The folders that an image declares as ``VOLUME``, and the image that it starts from.

    ``base`` is empty where the text does not tell it.
    """

    volumes: tuple[str, ...]
    base: str


class _Stage(NamedTuple):
    base: str
    volumes: list[str]


def read(text: str, arguments: Mapping[str, str]) -> Made:
    """Read the last stage, with the stages of the same file that it starts from.

    ``arguments`` are those of the build. A folder that is named by a variable is left out.
    """
    stages: dict[str, _Stage] = {}
    defaults: dict[str, str] = {}
    last = _Stage("", [])
    for word, rest in _instructions(text):
        if word == "ARG" and not stages:
            name, _, value = rest.partition("=")
            defaults[name.strip()] = value.strip().strip("\"'")
        elif word == "FROM":
            last, name = _begun(rest, {**defaults, **arguments}, stages)
            stages[name or str(len(stages))] = last
        elif word == "VOLUME":
            last.volumes.extend(_folders(rest))
    return Made(tuple(dict.fromkeys(last.volumes)), last.base)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Give each with its text in one line, without comments and here-documents."""
    lines = iter(text.splitlines())
    for line in lines:
        if _COMMENT.match(line):
            continue
        whole = line.strip()
        while whole.endswith("\\"):
            following = next(lines, "")
            if not _COMMENT.match(following):
                whole = f"{whole[:-1]} {following.strip()}"
        word, _, rest = whole.partition(" ")
        if word.upper() in _WITH_TEXT:
            for found in _HERE.finditer(rest):
                while next(lines, found[2]).strip() != found[2]:
                    pass
        yield word.upper(), rest.strip()


def _begun(
    rest: str, variables: Mapping[str, str], stages: Mapping[str, _Stage]
) -> tuple[_Stage, str]:
    """Begin a stage; gives it and its name."""
    words = [word for word in rest.split() if not word.startswith("--")]
    base = _VARIABLE.sub(lambda found: _value(found, variables), words[0]) if words else ""
    name = words[2].lower() if words[1:2] and words[1].upper() == "AS" and words[2:] else ""
    before = stages.get(base.lower())
    if before:
        return _Stage(before.base, [*before.volumes]), name
    return _Stage("" if "$" in base else base, []), name


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    return variables.get(found[1] or found[2]) or found[3] or found[0]


def _folders(rest: str) -> list[str]:
    try:
        said = json.loads(rest) if rest.startswith("[") else rest.split()
    except ValueError:
        said = rest.split()
    return [each for each in said if isinstance(each, str) and re.match(r"/[^$]*\Z", each)]
