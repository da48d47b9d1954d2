"""Data volumes that a change would take away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from webstack.cli.review.containers import is_replaced
from webstack.cli.review.document import Document, Step, is_urn

_VOLUME = "docker:index/volume:Volume"
_OF_THE_PROXY = "webstack:proxy:ReverseProxy$"
_PROTECTED = re.compile(r'resource "?(urn:pulumi:[^"\s]+)"? cannot be (?:deleted|replaced)')


def lost_volumes(document: Document) -> tuple[str, ...]:
    """List the URNs of volumes whose data would go, or whose protection stops the change.

    Both engines refuse to delete what is protected, and so name it in an error and not in a step.
    One that holds nothing has no data.
    """
    found = {*_refused(document), *_taken(document.changes)}
    return tuple(sorted(found.difference(document.unwritten)))


def completed(document: Document) -> Document:
    """Add a step for each such volume: only the CLI lists what it refuses."""
    listed = {step.urn for step in document.steps}
    added = [Step("delete", urn) for urn in lost_volumes(document) if urn not in listed]
    return replace(document, steps=[*document.steps, *added])


def is_about(message: str, urns: tuple[str, ...]) -> bool:
    """Tell whether an error only says that one of these is protected."""
    found = _PROTECTED.search(message)
    return found is not None and found.group(1) in urns


def name_of(urn: str) -> str:
    """Return the Pulumi name in a URN."""
    return urn.split("::", 3)[3]


def _refused(document: Document) -> Iterator[str]:
    for diagnostic in document.errors:
        for urn in _PROTECTED.findall(diagnostic.message):
            if _VOLUME in urn and is_urn(urn):
                yield urn


def _taken(steps: list[Step]) -> Iterator[str]:
    for step in steps:
        gone = step.op == "delete" or is_replaced(step)
        if gone and step.type == _VOLUME and _holds_data(step):
            yield step.urn


def _holds_data(step: Step) -> bool:
    if step.old is None or _OF_THE_PROXY in step.urn:
        return False
    options = step.old.inputs.get("driverOpts")
    return not (isinstance(options, dict) and options.get("type") == "tmpfs")
