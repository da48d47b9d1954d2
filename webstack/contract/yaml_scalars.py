"""Converts single words of a settings file to the values that the Pulumi CLI reads.

It reads YAML 1.2 with some of 1.1: ``off``, ``yes`` and times of day are texts, ``0123`` is octal.
"""

from __future__ import annotations

import re
from typing import Any, Final

_NAMED: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS: Final = (
    (re.compile(r"([-+]?)0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0[bB]([01]+)"), 2),
    (re.compile(r"([-+]?)0[oO]?([0-7]+)"), 8),
    (re.compile(r"([-+]?)(0|[1-9][0-9]{0,19})"), 10),
)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_JSON: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MOMENT: Final = re.compile(r"[0-9]{4}-")
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_EXACT: Final = 10**21
"""From here on JSON has an exponent; below it a whole number is one, however it was written."""


def value(word: str) -> Any:
    """Return the value of a word without quotes; raises ValueError for one that JSON lacks.

    A moment stays the text that it is: what the CLI makes of it depends on where it stands.
    """
    if word in _NAMED:
        return _NAMED[word]
    if word[0] not in "-+.0123456789" or _MOMENT.match(word):
        return word
    if _NO_JSON.fullmatch(word):
        raise ValueError(f"{word} is no number that a setting can be")
    plain = word.replace("_", "") if word[0] != "." else word
    for pattern, base in _INTEGERS:
        if (found := pattern.fullmatch(plain)) and len(found[2]) <= 64:
            number = int(f"{found[1]}{found[2]}", base)
            if _LOWEST <= number <= _HIGHEST:
                return number
    return _float(plain) if _FLOAT.fullmatch(plain) else word


def _float(plain: str) -> Any:
    number = float(plain)
    if number in (float("inf"), float("-inf")):
        return plain
    return int(number) if number.is_integer() and abs(number) < _EXACT else number
