from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from webstack.cli.projects.journal import all_or_nothing, taken_back
from webstack.cli.projects.merge import Change, Kind
from webstack.cli.projects.tree import File

ROOT = Path(__file__).parents[4]
CHANGES = [
    Change("infra/.venv", Kind.CHANGED, File(b"../other", link=True)),
    Change("kept", Kind.KEPT),
    Change("new/file", Kind.ADDED, File(b"new", executable=True)),
    Change("old/file", Kind.REMOVED),
    Change("settings", Kind.CHANGED, File(b"after")),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    (tmp_path / "old/file").write_text("old")
    (tmp_path / "old/file").chmod(0o755)
    (tmp_path / "settings").write_text("before")
    (tmp_path / "kept").write_text("mine")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/.venv").symlink_to("../.venv")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/stamp").write_text("before")
    return tmp_path


def content(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): (
            f"-> {path.readlink()}"
            if path.is_symlink()
            else f"{path.read_text()} {path.stat().st_mode & 0o777:o}"
        )
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_all_changes_are_made_and_nothing_else_stays(project: Path):
    with all_or_nothing(project, CHANGES):
        assert not (project / ".venv").exists()
        (project / ".venv").mkdir()
    assert content(project) == {
        "infra/.venv": "-> ../other",
        "kept": "mine 644",
        "new/file": "new 755",
        "settings": "after 644",
    }
    assert not (project / "old").exists()


def half_done(project: Path, error: type[BaseException]) -> None:
    (project / ".venv").mkdir()
    (project / ".venv/half").touch()
    raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_what_does_not_end_well_leaves_all_as_it_was(project: Path, error: type[BaseException]):
    before = content(project)
    with pytest.raises(error), all_or_nothing(project, CHANGES):
        half_done(project, error)
    assert content(project) == before


def test_sigterm_takes_all_back(project: Path):
    before = content(project)
    with pytest.raises(KeyboardInterrupt), all_or_nothing(project, CHANGES):
        os.kill(os.getpid(), signal.SIGTERM)
    assert content(project) == before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_killed_one_is_taken_back_by_the_next(project: Path):
    before = content(project)
    script = (
        "import os, pathlib, signal\n"
        "from tests.webstack.cli.projects.test_journal import CHANGES\n"
        "from webstack.cli.projects.journal import all_or_nothing\n"
        f"with all_or_nothing(pathlib.Path({str(project)!r}), CHANGES):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert content(project) != before
    assert taken_back(project)
    assert content(project) == before
    assert not taken_back(project)


def test_one_that_was_killed_before_it_wrote_anything_leaves_nothing(project: Path):
    before = content(project)
    (project / ".webstack/upgrade/before").mkdir(parents=True)
    assert not taken_back(project)
    assert content(project) == before
