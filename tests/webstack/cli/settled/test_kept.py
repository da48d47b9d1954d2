"""Each thing that a run depended on is noticed alone when it changes."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from webstack.cli.settled import kept, tokens
from webstack.cli.settled.kept import Settled
from webstack.cli.settled.look import Asked, Page
from webstack.cli.settled.tokens import LINK, READ, SEEN
from webstack.cli.settled.watching import watched

ENVIRON = {"PATH": "/bin", "DOCKER_HOST": "unix:///run/docker.sock"}
ASKED = Asked(
    socket="/run/docker.sock",
    labels=["webstack.stack=dev"],
    containers=["c1"],
    answering=["c1"],
    volumes=["v1"],
    networks=["n1"],
    images=["shop:1"],
    proxy="c1",
    sockets=[[["/s", "/healthz", "localhost", "5", "http"], [[200, 299]]]],
    pages=(Page("c1", 8080, "/healthz", "localhost", 5.0, [[200, 299]]),),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a program with a module, a source behind a link, and files of other kinds."""
    root = tmp_path / "project"
    for folder in ("infra", "services", "site-packages/known", "state"):
        (root / folder).mkdir(parents=True)
    (root / "infra/declared_here.py").write_text("WORD = 1\n")
    (root / "site-packages/known/__init__.py").write_text("")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "app.py").write_text("one\n")
    (root / "services/shop").symlink_to(elsewhere)
    (root / "services/link.py").symlink_to("shop/app.py")
    (tmp_path / "bundle.pem").write_text("authority\n")
    (root / "state/dev.json").write_text("{}")
    for path in [tmp_path, *tmp_path.rglob("*")]:
        os.utime(path, (1e9, 1e9), follow_symlinks=False)
    return root


@pytest.fixture
def settled(project: Path, monkeypatch: pytest.MonkeyPatch) -> Settled:
    """Record a run that looked at all of it, as programs do."""
    monkeypatch.syspath_prepend(str(project / "infra"))
    monkeypatch.syspath_prepend(str(project / "site-packages"))
    monkeypatch.chdir(project)
    sys.dont_write_bytecode = True
    with watched() as watch:
        importlib.import_module("declared_here")
        importlib.import_module("known")
        for at, _, names in os.walk("services", followlinks=True):
            for name in names:
                (Path(at) / name).read_text()
        (project / "services/link.py").readlink()
        (project.parent / "bundle.pem").read_bytes()
        (project / "state/dev.json").open().close()
        (project / ".env").exists()
    sys.dont_write_bytecode = False
    del sys.modules["declared_here"], sys.modules["known"]
    own = str(project.parent)
    paths = {
        kind: sorted(path for path in found if path.startswith(own))
        for kind, found in watch.paths.items()
    }
    return made(paths)


def made(paths: dict[str, list[str]]) -> Settled:
    return Settled(
        environment=tokens.environment(ENVIRON),
        paths=paths,
        looks=kept.digest(kept.tokens(paths)),
        asked=ASKED,
        found="digest",
        words={"unchanged": 3},
        clock=tokens.clock(),
        time=time.time(),
    )


def edited(path: Path) -> None:
    """Write a content of the same size, dated back as `cp --preserve` and tar do."""
    before = path.stat()
    path.write_text(path.read_text()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def retargeted(project: Path) -> None:
    other = project.parent / "other"
    shutil.copytree(project.parent / "elsewhere", other, copy_function=shutil.copy2)
    (project / "services/shop").unlink()
    (project / "services/shop").symlink_to(other)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a module of the program": lambda p: edited(p / "infra/declared_here.py"),
    "a module beside it that would be found first": lambda p: (p / "infra/known.py").write_text(""),
    "an installed package": lambda p: (p / "site-packages/known/__init__.py").write_text("x = 1"),
    "another installed package": lambda p: (p / "site-packages/more.py").write_text(""),
    "a source behind a link": lambda p: edited(p.parent / "elsewhere/app.py"),
    "one more source behind a link": lambda p: (p.parent / "elsewhere/new.py").write_text(""),
    "where a link leads": retargeted,
    "the mode of a source": lambda p: (p.parent / "elsewhere/app.py").chmod(0o755),
    "a removed source": lambda p: (p.parent / "elsewhere/app.py").unlink(),
    "a bundle of authorities elsewhere": lambda p: edited(p.parent / "bundle.pem"),
    "a file that was missed": lambda p: (p / ".env").write_text(""),
    "the state": lambda p: edited(p / "state/dev.json"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_holds_until_something_changes(settled: Settled, project: Path, change: str):
    assert settled.holds(ENVIRON)
    CHANGES[change](project)
    assert not settled.holds(ENVIRON)


def test_what_nobody_looked_at_may_change(settled: Settled, project: Path):
    (project / "README.md").write_text("")
    (project / "state/other.json").write_text("")
    assert settled.holds({**ENVIRON, "OLDPWD": "/", "SHLVL": "2"})


@pytest.mark.parametrize(
    "environ",
    [
        {**ENVIRON, "DOCKER_HOST": "unix:///run/other.sock"},
        {**ENVIRON, "PULUMI_CONFIG_PASSPHRASE": "another"},
        {"PATH": "/bin"},
    ],
)
def test_it_does_not_hold_in_another_environment(settled: Settled, environ: dict[str, str]):
    assert not settled.holds(environ)


def test_it_does_not_hold_for_another_user(settled: Settled, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4321)
    assert not settled.holds(ENVIRON)


def test_it_does_not_hold_once_the_clock_was_set(settled: Settled):
    assert not settled._replace(clock=settled.clock - 10).holds(ENVIRON)
    assert not settled._replace(clock=settled.clock + 10).holds(ENVIRON)


def test_it_does_not_hold_for_ever_nor_before_its_time(settled: Settled):
    assert settled._replace(time=time.time() - kept.LONGEST + 60).holds(ENVIRON)
    assert not settled._replace(time=time.time() - kept.LONGEST - 1).holds(ENVIRON)
    assert not settled._replace(time=time.time() + 60).holds(ENVIRON)


def test_it_does_not_hold_for_another_version_of_the_command(settled: Settled):
    assert not settled._replace(version="0.0.1").holds(ENVIRON)
    assert not settled._replace(format=0).holds(ENVIRON)


def test_it_is_kept_for_its_user_alone_and_comes_back_as_it_was(settled: Settled, tmp_path: Path):
    (tmp_path / ".venv").mkdir()
    kept.save(tmp_path, "dev", settled)
    folder = tmp_path / ".venv/webstack-settled"
    assert [path.name for path in folder.iterdir()] == ["dev.json"]
    assert (folder.stat().st_mode & 0o777, (folder / "dev.json").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    assert kept.load(tmp_path, "dev") == settled
    kept.forget(tmp_path, "dev")
    assert kept.load(tmp_path, "dev") is None


def test_no_value_of_a_variable_is_kept(settled: Settled, tmp_path: Path):
    (tmp_path / ".venv").mkdir()
    told = settled._replace(environment=tokens.environment({"PASSWORD": "open-sesame"}))
    kept.save(tmp_path, "dev", told)
    assert "open-sesame" not in (tmp_path / ".venv/webstack-settled/dev.json").read_text()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"asked": 3}', '{"asked": [1, [2]]}', "\xff"])
def test_what_cannot_be_read_is_nothing(tmp_path: Path, content: str):
    folder = tmp_path / ".venv/webstack-settled"
    folder.mkdir(parents=True)
    (folder / "dev.json").write_text(content, encoding="latin-1")
    assert kept.load(tmp_path, "dev") is None


def test_where_nothing_can_be_written_nothing_is_kept(settled: Settled, tmp_path: Path):
    kept.save(tmp_path / "gone", "dev", settled)
    assert kept.load(tmp_path / "gone", "dev") is None


@pytest.mark.parametrize("kind", [SEEN, LINK])
def test_a_folder_that_was_only_asked_for_may_get_another_file(tmp_path: Path, kind: str):
    before, listed = tokens.token(str(tmp_path), kind), tokens.token(str(tmp_path), READ)
    (tmp_path / "new").write_text("")
    assert tokens.token(str(tmp_path), kind) == before
    assert tokens.token(str(tmp_path), READ) != listed


def test_the_newest_change_is_known(tmp_path: Path):
    file = tmp_path / "file"
    before = time.time_ns() - 100_000_000
    file.write_text("")
    assert tokens.newest([tokens.token(str(file), READ), [-2]]) > before
    assert tokens.newest([[-2]]) == 0
