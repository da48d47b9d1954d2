"""Changes the files of a project as one: all of them, or none."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from webstack.cli.projects.merge import Change
from webstack.cli.projects.tree import read_file, write_file

_PLACE = ".webstack/upgrade"
_LIST = "files.json"
_BEFORE = "before"
_ENVIRONMENT = ".venv"


@contextmanager
def all_or_nothing(root: Path, changes: Sequence[Change]) -> Iterator[None]:
    """Write the changes, and take them back unless the block comes to its end.

    The environment of before is put aside, so that the block can make another. A process that is
    killed leaves all that `taken_back` needs.
    """
    _note(root, changes)
    try:
        with _terminated_as_interrupted():
            for change in changes:
                if change.writes:
                    write_file(root, change.path, change.file)
            if (root / _ENVIRONMENT).is_dir():
                (root / _ENVIRONMENT).rename(root / _PLACE / _ENVIRONMENT)
            yield
    except BaseException:
        taken_back(root)
        raise
    shutil.rmtree(root / _PLACE)


def taken_back(root: Path) -> bool:
    """Bring a project back to before a change that did not end; tell whether there was one."""
    place = root / _PLACE
    if not (place / _LIST).is_file():
        shutil.rmtree(place, ignore_errors=True)  # nothing was written yet
        return False
    noted = json.loads((place / _LIST).read_text())
    for name in noted["files"]:
        write_file(root, name, read_file(place / _BEFORE / name))
    put_aside = (place / _ENVIRONMENT).is_dir()
    if put_aside or not noted["environment"]:
        shutil.rmtree(root / _ENVIRONMENT, ignore_errors=True)
    if put_aside:
        (place / _ENVIRONMENT).rename(root / _ENVIRONMENT)
    shutil.rmtree(place)
    return True


def _note(root: Path, changes: Sequence[Change]) -> None:
    """Keep the files as they are; the list is written last, and says that all are kept."""
    place = root / _PLACE
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    names = [change.path for change in changes if change.writes]
    for name in names:
        if before := read_file(root / name):
            write_file(place / _BEFORE, name, before)
    half = place / f"{_LIST}.half"
    noted = {"files": names, "environment": (root / _ENVIRONMENT).is_dir()}
    half.write_text(json.dumps(noted))
    half.rename(place / _LIST)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
