"""Makes a plan of digests of what a preview stood on and found: it holds no value of anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from webstack.cli.review.document import Document, Step
from webstack.cli.review.images import IMAGE

VERSION = 1
_SEALED = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a secret in a state."""
_INTERNAL = {"__defaults", "__provider"}
_ORIGIN = {"commit", "clean"}
"""Where a release comes from: a merge has another commit than what was reviewed."""
_PROGRAM = ("infra", "proxy", "webstack")
_FILES = ("Pulumi.yaml", "requirements.txt")


class PlannedStep(msgspec.Struct, frozen=True, order=True):
    """Holds one operation on one resource, and the digest of what it shall be."""

    urn: str
    op: str
    inputs: str


class SavedPlan(msgspec.Struct, frozen=True):
    """Holds what a preview stood on (program, settings, state) and found (images, steps)."""

    version: int
    project: str
    stack: str
    headline: str = msgspec.field(name="verdict")
    targets: tuple[str, ...]
    loss_allowed: bool
    program: dict[str, str]
    settings: dict[str, str]
    state: dict[str, str]
    images: dict[str, str]
    steps: tuple[PlannedStep, ...]


def program_digests(root: Path) -> dict[str, str]:
    """Digest each file of the program, and of what it is made from."""
    files = [root / name for name in _FILES]
    for folder in _PROGRAM:
        files += [path for path in (root / folder).rglob("*") if _counts(path, root)]
    return {
        path.relative_to(root).as_posix(): _short(path.read_bytes())
        for path in sorted(files)
        if path.is_file()
    }


def setting_digests(values: Mapping[str, Any]) -> dict[str, str]:
    """Digest each setting by the path of its key; a secret one is its ciphertext."""
    return {path: _digest(value) for path, value in _leaves(values)}


def state_digests(exported: Mapping[str, Any]) -> dict[str, str]:
    """Digest each resource of an exported state; of a secret only that there is one."""
    resources = exported.get("deployment", {}).get("resources") or ()
    digests: dict[str, list[str]] = {}
    for resource in resources:
        digests.setdefault(str(resource["urn"]), []).append(_digest(_unsealed(_timed(resource))))
    return {urn: "-".join(found) for urn, found in digests.items()}


def planned_steps(document: Document) -> tuple[PlannedStep, ...]:
    """List the steps, each with the digest of what its resource shall be."""
    return tuple(PlannedStep(step.urn, step.op, _inputs(step)) for step in document.changes)


def planned_images(document: Document) -> dict[str, str]:
    """Map the images that change to their content tags."""
    return {
        step.name: str(step.after["reference"])
        for step in document.changes
        if step.type == IMAGE and "reference" in step.after
    }


def _counts(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    return not {".venv", "__pycache__", "tests"} & set(parts)


def _inputs(step: Step) -> str:
    origin = _ORIGIN if step.kind == "Release" else set()
    return _digest(_plain({key: step.after[key] for key in step.after.keys() - origin}))


def _plain(value: Any) -> Any:
    """Return the same without nulls and what engines note for themselves; numbers as numbers."""
    if isinstance(value, Mapping):
        return {
            key: _plain(item)
            for key, item in value.items()
            if key not in _INTERNAL and item is not None
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _timed(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same with times as the CLI writes them, without zeros at their end."""
    times = {key: str(resource[key]) for key in ("created", "modified") if key in resource}
    return {
        **resource,
        **{key: time.removesuffix("Z").rstrip("0").rstrip(".") for key, time in times.items()},
    }


def _unsealed(value: Any) -> Any:
    if isinstance(value, Mapping):
        if _SEALED in value:
            return "[secret]"
        return {key: _unsealed(item) for key, item in value.items()}
    return [_unsealed(item) for item in value] if isinstance(value, list) else value


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _digest(value: Any) -> str:
    return _short(json.dumps(value, sort_keys=True, default=str).encode())


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
