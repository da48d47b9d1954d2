"""Plans as files, and whether one still fits."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.plans.dry_run import DryRun
from webstack.cli.plans.moved import moved
from webstack.cli.plans.plan import (
    VERSION,
    SavedPlan,
    planned_images,
    planned_steps,
    program_digests,
    setting_digests,
    state_digests,
)
from webstack.cli.terminal.errors import OpsError
from webstack.contract.bounded_files import UnreadableError, read_any
from webstack.engine.project import config
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE

LARGEST = 16 * 2**20
_ANEW = "look at a new one: webstack preview --save FILE"
_SHOWN = 3


class _AnyPlan(msgspec.Struct, frozen=True):
    """Holds what plans of all versions have in common."""

    version: int


def taken(
    session: StackSession, options: OperationOptions, foreseen: DryRun, *, loss_allowed: bool
) -> SavedPlan:
    """Put down what a preview stood on and found; the state is read last."""
    project = session.project
    return SavedPlan(
        VERSION,
        project.name,
        session.stack,
        foreseen.review.headline,
        options.targets,
        loss_allowed,
        program_digests(project.root),
        setting_digests(config.read_settings(project, session.stack).values),
        state_digests(json.loads(session.records.export())),
        planned_images(foreseen.document),
        planned_steps(foreseen.document),
    )


def save(path: Path, plan: SavedPlan) -> None:
    """Write a plan."""
    text = msgspec.json.format(msgspec.json.encode(plan).decode(), indent=1)
    files.write(path, f"{text}\n", access=PRIVATE)


def load(path: Path) -> SavedPlan:
    """Read a plan; raises OpsError, in one line, for anything else."""
    try:
        text = read_any(path, LARGEST)
    except FileNotFoundError:
        raise OpsError(f"cannot read the plan {path}: No such file", _ANEW) from None
    except UnreadableError as error:
        raise OpsError(f"cannot read the plan {path}: {error}", _ANEW) from None
    try:
        version = msgspec.json.decode(text, type=_AnyPlan).version
        if version != VERSION:
            raise OpsError(f"{path} is a plan of version {version}, not {VERSION}", _ANEW)
        return msgspec.json.decode(text, type=SavedPlan)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OpsError(f"{path} is not a plan: {error}", _ANEW) from None


def require_unmoved(path: Path, saved: SavedPlan, now: SavedPlan) -> None:
    """Raise OpsError that names what is not as it was when the plan was made."""
    found = list(moved(saved, now))
    if found:
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        said = "; ".join(found[:_SHOWN]) + more
        raise OpsError(f"the plan {path} does not fit any more: {said}", _ANEW)
