"""Makes text from outside safe to show: in a terminal, a comment, an issue.

A visitor chooses paths and headers, a container what it logs, a pull request what things are
called. None of them may move the cursor, begin a line of ours, or turn the text around.
"""

from __future__ import annotations

import re
from typing import Final

_UNSHOWABLE: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: line ends, and what begins a terminal's sequences
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # the direction in which text runs
    "\u2028\u2029"  # line ends to some
    "\ufff9-\ufffb"  # annotations, which hide what they stand beside
    "\ud800-\udfff"  # no characters: what was not UTF-8; writing one raises an error
    "]"
)
_COLOUR: Final = re.compile(r"\x1b\[[0-9;:]*m")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def line(text: str) -> str:
    r"""Escape, as JSON does, every character that would not stay in its place on one line.

    JSON therefore stays the same JSON, and all other text stays as it is.

    >>> line("/a\x1b[2J\nGrüße")
    '/a\\u001b[2J\\nGrüße'
    """
    return _UNSHOWABLE.sub(_escape, text)


def block(text: str) -> str:
    """Escape each line of a text of our own that has several lines, and keep the lines."""
    return "\n".join(map(line, text.split("\n")))


def lines(output: str) -> list[str]:
    r"""Split what a program printed into lines, without colours, everything else escaped.

    Lines end where a terminal ends them: Python's `splitlines` also does at characters that a
    visitor can send.
    """
    parts = uncoloured(output).split("\n")
    if parts[-1] == "":
        parts.pop()
    return [line(part.removesuffix("\r")) for part in parts]


def uncoloured(text: str) -> str:
    """Remove the escape sequences by which programs colour what they print."""
    return _COLOUR.sub("", text)


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"
