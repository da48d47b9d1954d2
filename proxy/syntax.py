"""Writes nginx directives and blocks, in the given order and as often as given.

The builder keys children by name, so that a second one of a name replaces the first; a nameless
block around each keeps them all.
"""

from textwrap import dedent
from typing import Final, TypeAlias

from nginx.config.api import (  # type: ignore[import-untyped]  # it comes without types
    Comment,
    EmptyBlock,
    KeyMultiValueOption,
    KeyOption,
    Section,
)

Node: TypeAlias = EmptyBlock
OWN_WORDS: Final = "Own words of the project"
"""What stands above directives of the project's own: no configuration without them has it."""


def directive(name: str, *values: str | int) -> Node:
    """Write ``name value value;``. A value that needs quotes goes through `quoted`."""
    if not values:
        return EmptyBlock(KeyOption(name))
    return EmptyBlock(KeyMultiValueOption(name, [str(value) for value in values]))


def block(opening: str, *children: Node, note: str = "") -> Node:
    """Write ``opening { children }`` after an empty line, with a comment above it."""
    return EmptyBlock(remark(note) if note else _Gap(), Section(opening, *children))


def when(condition: str, *children: Node) -> Node:
    """Write ``if (condition) { children }``."""
    return EmptyBlock(Section(f"if ({condition})", *children))


def group(*children: Node) -> Node:
    """Join statements without a block around them."""
    return EmptyBlock(*children)


def remark(note: str) -> Node:
    """Write a comment of one or more lines after an empty line."""
    return EmptyBlock(_Gap(), *(Comment(comment=line) for line in note.splitlines()))


def own_words(text: str) -> Node:
    """Write directives of the project's own as they stand in the settings, marked as such."""
    return EmptyBlock(remark(f"{OWN_WORDS}."), _Words(text)) if text.strip() else EmptyBlock()


def quoted(value: str) -> str:
    """Put a value between double quotes. Backslashes stay: regular expressions need them."""
    return '"' + value.replace('"', '\\"') + '"'


def text(*nodes: Node) -> str:
    """Render statements as the text of a file."""
    return "".join(repr(node) for node in nodes).lstrip("\n") + "\n"


class _Words(EmptyBlock):  # type: ignore[misc]  # the builder comes without types
    """Stands for lines that are written as they are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._lines = [line.rstrip() for line in dedent(text).strip("\n").splitlines()]

    def __repr__(self) -> str:
        return "".join(self._render(line) if line else "\n" for line in self._lines)


class _Gap(EmptyBlock):  # type: ignore[misc]  # the builder comes without types
    """Stands for an empty line."""

    def __repr__(self) -> str:
        return "\n"
