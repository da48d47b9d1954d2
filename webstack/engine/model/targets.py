"""Selects the resources that a run is limited to, by URN or by pattern."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from webstack.engine.model import urn as urns


class Targets(msgspec.Struct, frozen=True):
    """Holds URN patterns. ``*`` matches within one part of a URN, ``**`` matches anything."""

    patterns: tuple[str, ...] = ()

    def includes(self, urn: str, *, named: bool = False) -> bool:
        """Tell whether the patterns select a URN.

        Without patterns everything is, unless ``named`` asks for an express mention. Providers
        and the stack itself always take part.
        """
        if not named:
            if not self.patterns:
                return True
            if urns.is_provider(urns.type_of(urn)) or urns.type_of(urn) == urns.STACK_TYPE:
                return True
        return any(_matcher(pattern).fullmatch(urn) for pattern in self.patterns)

    def unmatched(self, known: set[str]) -> list[str]:
        """Return the URNs that are not known. Patterns may match nothing, as in the CLI."""
        return [pattern for pattern in self.patterns if "*" not in pattern and pattern not in known]


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", pattern)
    meaning = {"**": ".*", "*": "[^:]*"}
    return re.compile("".join(meaning.get(part, re.escape(part)) for part in parts))
