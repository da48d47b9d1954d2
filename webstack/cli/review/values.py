"""Property values as text, side by side; whatever may be a secret stays out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from webstack.cli.review.model import Difference
from webstack.contract import secret_signs

SECRET = "[secret]"  # noqa: S105 - what stands in place of one
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_INTERNAL = {"__defaults", "__provider", "__inputs"}
_SECRET_NAME = re.compile(
    r"secret|passw|passphrase|token|credential|api_?key|private_?key|signing_?key", re.IGNORECASE
)
_SECRET_SETTING = re.compile(r"secret_environment\.[^.]+\.(serial|setting)\Z")
_IN_URL = re.compile(r"(://[^/\s:@]*:)[^/\s]+@")


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], leaving_out: frozenset[str] = frozenset()
) -> tuple[Difference, ...]:
    """List the leaves in which two sets of properties differ, in order of their paths."""
    sealed = {key for each in (before, after) for key, value in each.items() if value == SECRET}
    old, new = (dict(_leaves(_sealed(each, sealed), "")) for each in (before, after))
    return tuple(
        Difference(path, _text(path, old.get(path)), _text(path, new.get(path)))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path) and path.partition(".")[0] not in leaving_out
    )


def redacted(text: str) -> str:
    """Remove passwords from the addresses in a text."""
    return _IN_URL.sub(rf"\1{SECRET}@", text)


def _sealed(properties: Mapping[str, Any], sealed: set[str]) -> dict[str, Any]:
    """Mask on both sides what is secret on one."""
    return {key: SECRET if key in sealed else value for key, value in properties.items()}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _INTERNAL:
                yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for name, item in _named(value):
            yield from _leaves(item, f"{path}[{name}]")
    elif value is not None:
        yield path, value


def _named(items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Items of a list by what they are called, where they are; a set has no order."""
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and "label" in item:
            yield str(item["label"]), item.get("value")
        elif isinstance(item, Mapping) and "containerPath" in item:
            yield str(item["containerPath"]), item
        elif isinstance(item, str) and re.match(r"[A-Za-z_]\w*=", item):
            name, _, value = item.partition("=")
            yield name, value
        else:
            yield str(index), item


def _text(path: str, value: Any) -> str | None:
    if value is None:
        return None
    if value == _UNKNOWN:
        return "(known afterwards)"
    if _names_secret(path) and not isinstance(value, bool):
        return SECRET
    if not isinstance(value, str):
        return json.dumps(value)
    shown = redacted(value)
    name = re.split(r"[.\[]", path)[-1].rstrip("]")
    is_secret = secret_signs.is_named(name, shown) or secret_signs.form(shown, name)
    return SECRET if is_secret else shown


def _names_secret(path: str) -> bool:
    return bool(_SECRET_NAME.search(path)) and not _SECRET_SETTING.search(path)
