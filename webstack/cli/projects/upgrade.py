"""Brings a project to a newer version of the tool, for its owner to review."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import webstack
from webstack.cli.machine.shell import CommandError, attached, run
from webstack.cli.machine.tool_sources import WHEELHOUSE, kept_wheel
from webstack.cli.machine.virtualenv import Virtualenv
from webstack.cli.projects import journal, versions
from webstack.cli.projects.merge import Change, Kind, by_git, merged
from webstack.cli.projects.tool_wheel import ToolWheel
from webstack.cli.projects.tree import read_tree
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import reporter
from webstack.cli.terminal.prompts import DECLINED
from webstack.contract import plain_text

_PROJECT = "Pulumi.yaml"
_CHECKOUT = "webstack/__init__.py"
_NAME = "name:"
_UNDO = "`git restore . && git clean -fd` takes it all back"


class _DeclinedError(Exception):
    """Says that the owner does not want the upgrade after all."""


@dataclass(frozen=True)
class Wishes:
    """Holds what the owner wants: the stack to preview, None for no preview; whether to ask."""

    stack: str | None
    agreed: Callable[[], bool]


def find_root(folder: Path) -> Path:
    """Find the project around a folder; raises OpsError where none is, or where it is a clone."""
    here = folder.resolve()
    root = next((each for each in (here, *here.parents) if (each / _PROJECT).is_file()), None)
    if root is None:
        raise OpsError(f"no {_PROJECT} in {here} or above", "run this inside a project")
    if (root / _CHECKOUT).is_file():
        raise OpsError(
            f"{root} is a clone of webstack itself", "merge the newer version: docs/upgrade.md"
        )
    return root


def settle(root: Path) -> None:
    """Take an earlier upgrade back that was killed, and say so."""
    if journal.taken_back(root):
        _say("An upgrade that did not end was taken back.")


def find_wheel(root: Path, wanted: str | None) -> ToolWheel:
    """Find the wheel to go to, by its path or version; raises OpsError.

    Versions are looked for in the project's wheelhouse and nowhere else: in a public index the
    name belongs to somebody else.
    """
    if wanted is None:
        running = running_wheel()
        if running is None or running == kept_wheel(root).resolve():
            raise OpsError("which version?", "say it: webstack upgrade --to PATH-OF-WHEEL")
        return ToolWheel(running)
    if not versions.is_version(wanted):
        return ToolWheel(Path(wanted).resolve())
    found = sorted((root / WHEELHOUSE).glob(f"webstack-{wanted}-*.whl"))
    if not found:
        raise OpsError(
            f"there is no webstack {wanted} in {root / WHEELHOUSE}",
            "put its wheel there, or name the path of its wheel",
        )
    return ToolWheel(found[0])


def running_wheel() -> Path | None:
    """Give the wheel that this very process runs from; None where the tool is installed."""
    top = Path(webstack.__file__).resolve().parents[1]
    return top if top.is_file() else None


def hand_over(root: Path, wheel: ToolWheel, arguments: Sequence[str]) -> None:
    """Go on as the newer version, which knows best how to come to it, unless this is it already.

    It runs from its wheel, by the Python that environments are made with, so that no module is
    taken from an environment that is replaced meanwhile.
    """
    if running_wheel() == wheel.path:
        return
    python = getattr(sys, "_base_executable", None) or sys.executable
    command = [python, "-m", "webstack.cli", "upgrade", "--to", str(wheel.path), *arguments]
    os.chdir(root)  # Python would take modules of another folder before those of the wheel
    environ = {**os.environ, "PYTHONPATH": str(wheel.path)}
    os.execve(python, command, environ)  # noqa: S606 - there is nothing for a shell to do


def upgraded(root: Path, wheel: ToolWheel, wishes: Wishes) -> int:
    """Bring a project to a wheel's version; gives the exit code, 1 where there are conflicts.

    Whatever fails, or is interrupted or declined, leaves the project as it was.
    """
    present = ToolWheel(kept_wheel(root))
    versions.check_step(present.version, wheel.version)
    _require_clean(root)
    changes = _changes(root, present, wheel)
    conflicts = [change.path for change in changes if change.kind is Kind.CONFLICT]
    os.environ.pop("PYTHONPATH", None)  # the wheel, for this process alone
    try:
        with journal.all_or_nothing(root, changes):
            _say("\n".join(_told(changes)))
            _say(run(["git", "--no-pager", "diff", "--no-color", "--", "."], cwd=root))
            Virtualenv(root, dev=False).make(reporter())
            if wishes.stack and not conflicts:
                _preview(root, wishes.stack)
            if not wishes.agreed():
                raise _DeclinedError
    except _DeclinedError:
        return DECLINED
    _say(f"The project is on webstack {wheel.version}, from {present.version}. {_UNDO}.")
    if conflicts:
        _say(
            f"Decide what is to stand between the marks <<<<<<< and >>>>>>> in "
            f"{', '.join(conflicts)}. Then: webstack preview, make test, git commit, make up"
        )
        return 1
    _say("Next: make test, git add -A, git commit, make up")
    return 0


def _require_clean(root: Path) -> None:
    try:
        changed = run(["git", "status", "--porcelain", "--", "."], cwd=root).splitlines()
    except CommandError:
        raise OpsError(
            f"{root} is no git checkout, in which an upgrade can be reviewed and taken back",
            "`git init && git add -A && git commit` makes it one",
        ) from None
    if changed:
        raise OpsError(
            f"{len(changed)} files of the project are not as committed, such as {changed[0][3:]}",
            "commit or stash them first",
        )


def _changes(root: Path, present: ToolWheel, wheel: ToolWheel) -> list[Change]:
    proxy = (root / "proxy/Dockerfile").is_file()
    name = _name_of(root)
    base, theirs = (each.project(name, proxy=proxy) for each in (present, wheel))
    ours = read_tree(root, base.keys() | theirs.keys())
    return merged(base, ours, theirs, by_git(present.version, wheel.version))


def _name_of(root: Path) -> str:
    """Give the project's name as Pulumi.yaml has it, so that it counts as no change."""
    for line in (root / _PROJECT).read_text(errors="replace").splitlines():
        if line.startswith(_NAME):
            return line.removeprefix(_NAME).partition(" #")[0].strip().strip("\"'")
    raise OpsError(f"{_PROJECT} gives no name", "write one, such as name: shop")


def _told(changes: Sequence[Change]) -> Iterator[str]:
    width = max((len(change.path) for change in changes), default=0)
    for change in changes:
        yield f"{change.path.ljust(width)}  {change.kind.value}"


def _preview(root: Path, stack: str) -> None:
    """Show what the newer version would do to a stack; raises OpsError where that fails."""
    _say(f"What `up` of {stack} will do by the new version:")
    command = [str(root / ".venv/bin/webstack"), "preview", stack]
    if code := attached(command, env=os.environ, cwd=root):
        raise OpsError(
            f"the new version cannot preview {stack} (exit code {code}), so the project is as it "
            "was",
            "mend what it says above, or upgrade with --no-preview",
        )


def _say(text: str) -> None:
    print(plain_text.block(text.rstrip("\n")), flush=True)
