"""Messages about a wrong setting in a user's words: the key to its last part, and the way out."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from infra.settings.types import WORDS
from webstack.contract import plain_text

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}
_LIMITS = {"of length >= ": "with at least ", ">= ": "of at least ", "<= ": "of at most "}
_SHOWN = 60


def explained(value: Any, type_: Any, key: str) -> str:
    """Say in one line why a value does not fit its type, with the key of the deepest wrong part."""
    kind = _kind(value, type_)
    if _is_struct(kind) and (wrong := _wrong_fields(value, kind, key)):
        return wrong
    for part, wanted, name in _parts(value, kind, key):
        if not _fits(part, wanted):
            return explained(part, wanted, name)
    return f"{key}: {_in_words(value, type_)}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or where all names stand."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else "; see Pulumi.dev.yaml for all settings"


def shown(text: str) -> str:
    """Give a user's text in a form that fits into one line: escaped, and not too long."""
    line = plain_text.line(text)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _kind(value: Any, type_: Any) -> Any:
    """Find the alternative of a type that is a container of the same kind as the value."""
    for each in alternatives(type_):
        keyed = _is_struct(each) or get_origin(each) is dict
        if isinstance(value, dict) and keyed:
            return each
        if isinstance(value, list) and get_origin(each) in (tuple, list):
            return each
    return None


def alternatives(type_: Any) -> list[Any]:
    """Give the plain types that a type allows, one by one."""
    if get_origin(type_) is Annotated:
        return alternatives(get_args(type_)[0])
    if get_origin(type_) in (Union, types.UnionType):
        return [each for argument in get_args(type_) for each in alternatives(argument)]
    return [type_]


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _wrong_fields(value: dict[str, Any], kind: Any, key: str) -> str:
    fields = msgspec.structs.fields(kind)
    names = [field.name for field in fields]
    for name in value:
        if name not in names:
            return f"{key}.{shown(name)}: unknown setting{suggestion(name, names)}"
    for field in fields:
        if field.required and field.name not in value:
            return f"{key}.{field.name}: required, but not set"
    return ""


def _parts(value: Any, kind: Any, key: str) -> Iterator[tuple[Any, Any, str]]:
    """Give the parts of a container, each with the type it must have, and its own key."""
    if _is_struct(kind):
        for field in msgspec.structs.fields(kind):
            if field.name in value:
                yield value[field.name], field.type, f"{key}.{field.name}"
    elif get_origin(kind) is dict:
        for name, part in value.items():
            for each, wanted in zip((name, part), get_args(kind), strict=True):
                yield each, wanted, f"{key}.{shown(name)}"
    elif kind is not None:
        for number, part in enumerate(value):
            yield part, get_args(kind)[0], f"{key}[{number}]"


def _fits(value: Any, type_: Any) -> bool:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        return False
    return True


def _in_words(value: Any, type_: Any) -> str:
    if isinstance(value, str | int) and (allowed := ", ".join(_allowed(type_))):
        return f"'{shown(str(value))}' is none of {allowed}"
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        problem = str(error).partition(" - at ")[0]
    for pattern, words in WORDS.items():
        problem = problem.replace(f"`str` matching regex {pattern!r}", words)
    for limit, words in _LIMITS.items():
        problem = problem.replace(f"` {limit}", f"` {words}")
    if "`array` with" in problem:
        problem += " entry"
    problem = re.sub(r"`([a-z |]+)`", lambda found: _kinds(found[1]), problem)
    is_other_kind = ", got " in problem
    return f"{problem[0].lower()}{problem[1:]}{_way_out(value, type_) if is_other_kind else ''}"


def _allowed(type_: Any) -> Iterator[str]:
    """Give the words that a type allows, in its order."""
    for each in alternatives(type_):
        if get_origin(each) is Literal:
            yield from map(str, get_args(each))


def _kinds(names: str) -> str:
    kinds = names.split(" | ")
    wanted = [each for each in kinds if each != "null"] or kinds
    return " or ".join(_KINDS.get(each, each) for each in wanted)


def _way_out(value: Any, type_: Any) -> str:
    wanted = alternatives(type_)
    if isinstance(value, str) and any(get_origin(each) is tuple for each in wanted):
        return "; write [first, second], one entry for each word"
    if isinstance(value, int | float) and str in wanted:
        return "; put it in quotes"
    if isinstance(value, str) and value[:1].isdigit() and {int, float} & {*wanted}:
        return "; write the number alone, without quotes or a unit"
    return ""
