"""Builds the value of a YAML text from its parser events, within limits.

Nothing here recurses, and an alias counts as all that it stands for: a few aliases of aliases would
otherwise be billions of values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from . import plain_text, yaml_scalars

VALUES: Final = 20_000
DEPTH: Final = 40
"""More than any stack needs."""
_TEXT: Final = 100
"""For so many characters a text counts as one value more."""
_TAG: Final = "tag:yaml.org,2002:"
_COLLECTIONS: Final = (None, "!", f"{_TAG}seq", f"{_TAG}map")


class MalformedError(ValueError):
    """Reports that a text is no settings file. The message is one line that says where and why."""


@dataclass
class _List:
    anchor: str | None
    value: list[Any] = field(default_factory=list)
    count: int = 1

    def add(self, value: Any, line: int, *, merge: bool) -> None:
        self.value.append(value)

    def closed(self) -> Any:
        return self.value


@dataclass
class _Mapping:
    anchor: str | None
    value: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    _lines: dict[str, int] = field(default_factory=dict)
    _merged: list[Any] = field(default_factory=list)
    _put: Callable[[Any], None] | None = None

    def add(self, value: Any, line: int, *, merge: bool) -> None:
        """Take a key, and then what belongs to it."""
        if self._put is not None:
            self._put(value)
            self._put = None
        elif merge:
            self._put = lambda parts: self._merge(parts, line)
        else:
            name = self._new_key(value, line)
            self._put = lambda part: self.value.update({name: part})

    def _new_key(self, key: Any, line: int) -> str:
        if key is None or isinstance(key, dict | list):
            raise MalformedError(f"the key in line {line} is not a text")
        name = str(key).lower() if isinstance(key, bool) else str(key)
        if name in self._lines:
            raise MalformedError(
                f"the key {plain_text.line(name)} stands in line {self._lines[name]} and again in "
                f"line {line}; remove one of them"
            )
        self._lines[name] = line
        return name

    def _merge(self, parts: Any, line: int) -> None:
        wanted = parts if isinstance(parts, list) else [parts]
        if not all(isinstance(part, dict) for part in wanted):
            raise MalformedError(f"what << brings in line {line} is no mapping")
        self._merged.extend(wanted)

    def closed(self) -> Any:
        """Return the mapping. Its own keys win over those that it merges."""
        for part in self._merged:
            self.value = {**part, **self.value}
        return self.value


class Composer:
    """Takes the events of one text in order. Afterwards ``document`` has its value."""

    def __init__(self) -> None:
        self.document: Any = None
        self._documents = 0
        self._open: list[_List | _Mapping] = []
        self._anchored: dict[str, tuple[Any, int]] = {}

    def take(self, event: yaml.Event) -> None:
        """Process the next event; raises MalformedError."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise MalformedError(f"a second document begins in line {line}; one is read")
        elif isinstance(event, yaml.ScalarEvent):
            merge = event.value == "<<" and event.implicit[0]
            value = event.value if merge else _scalar(event, line)
            count = 1 + len(event.value) // _TEXT
            self._add(value, count, line, event.anchor, merge=merge)
        elif isinstance(event, yaml.AliasEvent):
            self._add(*self._alias(str(event.anchor), line), line, None)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self._open.pop()
            self._add(ended.closed(), ended.count, line, ended.anchor)

    def _begin(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if event.tag not in _COLLECTIONS:
            raise MalformedError(f"the tag {plain_text.line(event.tag)} in line {line} is unknown")
        if len(self._open) >= DEPTH:
            raise MalformedError(f"line {line} lies more than {DEPTH} levels deep")
        kind = _Mapping if isinstance(event, yaml.MappingStartEvent) else _List
        self._open.append(kind(event.anchor))
        self._anchored.pop(event.anchor or "", None)  # an alias in it would mean itself

    def _alias(self, anchor: str, line: int) -> tuple[Any, int]:
        if anchor not in self._anchored:
            raise MalformedError(
                f"the alias *{plain_text.line(anchor)} in line {line} means nothing that ended "
                "before it"
            )
        return self._anchored[anchor]

    def _add(
        self, value: Any, count: int, line: int, anchor: str | None, *, merge: bool = False
    ) -> None:
        if anchor:
            self._anchored[anchor] = value, count
        if not self._open:
            self.document = value
            return
        parent = self._open[-1]
        parent.count += count
        if sum(each.count for each in self._open) > VALUES:
            raise MalformedError(f"it says more than {VALUES} values by line {line}")
        parent.add(value, line, merge=merge)


def _scalar(event: yaml.ScalarEvent, line: int) -> Any:
    if not (event.value.isascii() or event.value.isprintable() or _is_unicode(event.value)):
        raise MalformedError(f"the text in line {line} has a character that is none")
    kind = (event.tag or "").removeprefix(_TAG)
    if kind in ("", "!") and event.implicit[0]:
        return _word(event.value, line)
    if kind in ("", "!", "str"):
        return event.value
    value = _word(event.value, line)
    kinds = {"int": int, "float": int | float, "bool": bool, "null": type(None)}
    if kind not in kinds:
        raise MalformedError(f"the tag {plain_text.line(str(event.tag))} in line {line} is unknown")
    if not isinstance(value, kinds[kind]):
        raise MalformedError(f"the value in line {line} is not of its tag {kind}")
    return value


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _word(word: str, line: int) -> Any:
    try:
        return yaml_scalars.value(word)
    except ValueError as error:
        raise MalformedError(f"{error}, in line {line}") from None
