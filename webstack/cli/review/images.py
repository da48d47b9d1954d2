"""Images that change: their content tags, the files that made them change, their sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from webstack.cli.review.document import Document, Step
from webstack.cli.review.model import Files, ImageChange

IMAGE = "webstack:image:ServiceImage"


def image_changes(document: Document) -> Iterator[ImageChange]:
    """Find each image whose content is another one, with what is known of the two."""
    for step in document.changes:
        if step.type == IMAGE:
            before, after = _reference(step.before), _reference(step.after)
            if before != after:
                yield ImageChange(
                    step.name,
                    before,
                    after,
                    _files(step, lambda name: not _is_static(name)),
                    _files(step, _is_static),
                    _sizes(document.sizes, before, after),
                    tuple(document.packages.get(step.name, ())),
                )


def _files(step: Step, chosen: Callable[[str], bool]) -> Files:
    old, new = _manifest(step.before), _manifest(step.after)
    if not old or not new:
        return Files()
    return Files(
        tuple(name for name in sorted(new.keys() - old.keys()) if chosen(name)),
        tuple(name for name in sorted(old.keys() - new.keys()) if chosen(name)),
        tuple(
            name
            for name in sorted(old.keys() & new.keys())
            if old[name] != new[name] and chosen(name)
        ),
    )


def _is_static(name: str) -> bool:
    return "static" in name.split("/")[:-1]


def _sizes(
    sizes: Mapping[str, int], before: str | None, after: str | None
) -> tuple[int, int] | None:
    if before and after and before in sizes and after in sizes:
        return sizes[before], sizes[after]
    return None


def _reference(inputs: Mapping[str, Any]) -> str | None:
    found = inputs.get("reference")
    return found if isinstance(found, str) else None


def _manifest(inputs: Mapping[str, Any]) -> dict[str, Any]:
    found = inputs.get("files")
    return dict(found) if isinstance(found, Mapping) else {}
