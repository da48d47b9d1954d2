"""Migrations that a release brings, or that one before it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from webstack.cli.review.document import Document
from webstack.cli.review.model import Migration


def migrations(document: Document) -> tuple[Migration, ...]:
    """Find the migrations that a preview brings to services that serve already."""
    for step in document.changes:
        if step.kind == "Release":
            before, after = step.before.get("services"), step.after.get("services")
            return tuple(missing(_mapping(after), _mapping(before)))
    return ()


def missing(services: Mapping[str, Any], others: Mapping[str, Any]) -> Iterator[Migration]:
    """Give the migrations of these services that others of the same name lack.

    Nothing is told of one whose release was recorded without its migrations.
    """
    for name in sorted(services):
        own = _mapping(services[name]).get("migrations")
        theirs = _mapping(others.get(name)).get("migrations")
        if isinstance(own, Mapping) and isinstance(theirs, Mapping):
            for path in sorted(own.keys() - theirs.keys()):
                yield Migration(name, str(path), str(own[path]))


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
