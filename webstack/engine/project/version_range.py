"""Checks version ranges of ``requiredPulumiVersion`` and ``require_pulumi_version``.

The syntax is the Pulumi CLI's: ``>=3.1.0 <4.0.0 || 3.0.x`` and the like. The engine stands for the
CLI of its SDK's version, whose protocol it serves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from operator import eq, ge, gt, le, lt, ne
from typing import Final

from semver import Version

from webstack.engine.model.errors import ProjectError

Test = Callable[[Version], bool]

_COMPARING: Final[dict[str, Callable[[Version, Version], bool]]] = {
    "": eq, "=": eq, "==": eq, "!": ne, "!=": ne, ">": gt, ">=": ge, "<": lt, "<=": le,
}  # fmt: skip
_CONDITION: Final = re.compile(r"(?P<sign>[!=<>]{0,2})\s*v?(?P<version>[0-9xX][0-9A-Za-z.+-]*)\s*")
_WILDCARD: Final = re.compile(r"(\d+)(?:\.(\d+))?(?:\.[xX]){1,2}")


def require(range_: str, where: str) -> None:
    """Raise ProjectError where the engine's version is outside the range that ``where`` has."""
    if not range_:
        return
    engine = _engine_version()
    if not any(all(test(engine) for test in tests) for tests in _alternatives(range_, where)):
        raise ProjectError(
            f"{where} asks for Pulumi {range_}; the embedded engine stands for {engine}: "
            "use another version of the package pulumi, or the Pulumi CLI"
        )


@cache
def _engine_version() -> Version:
    return Version.parse(version("pulumi"))


def _alternatives(range_: str, where: str) -> list[list[Test]]:
    return [_conditions(part.strip(), range_, where) for part in range_.split("||")]


def _conditions(text: str, range_: str, where: str) -> list[Test]:
    tests: list[Test] = []
    at = 0
    while at < len(text):
        found = _CONDITION.match(text, at)
        if found is None:
            raise _invalid(range_, where)
        tests += _condition(found["sign"], found["version"], range_, where)
        at = found.end()
    if not tests:
        raise _invalid(range_, where)
    return tests


def _condition(sign: str, text: str, range_: str, where: str) -> list[Test]:
    wildcard = _WILDCARD.fullmatch(text)
    if wildcard:
        return [_wildcard(sign, *wildcard.groups())]
    try:
        compare, wanted = _COMPARING[sign], Version.parse(text)
    except (KeyError, ValueError) as error:
        raise _invalid(range_, where) from error
    return [lambda ours: compare(ours, wanted)]


def _wildcard(sign: str, major: str, minor: str | None) -> Test:
    """Compare with every version that ``3.x`` or ``3.1.x`` stands for."""
    first = Version(int(major), int(minor or 0))
    beyond = first.bump_minor() if minor is not None else first.bump_major()
    tests: dict[str, Test] = {
        "!": lambda ours: not first <= ours < beyond,
        ">": lambda ours: ours >= beyond,
        ">=": lambda ours: ours >= first,
        "<": lambda ours: ours < first,
        "<=": lambda ours: ours < beyond,
    }
    return tests.get(sign.replace("!=", "!"), lambda ours: first <= ours < beyond)


def _invalid(range_: str, where: str) -> ProjectError:
    return ProjectError(f"{where}: {range_!r} is no range of versions such as '>=3.1.0 <4.0.0'")
