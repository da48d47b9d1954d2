import json
import subprocess
import sys

import pytest

from tests.webstack.cli.projects.wheels import make_wheel
from webstack.cli.machine import virtualenv
from webstack.cli.machine.shell import CommandError
from webstack.cli.machine.tool_sources import DEV_LOCK, RUNTIME_LOCK, SETUP_LOCK
from webstack.cli.machine.virtualenv import Virtualenv
from webstack.cli.terminal.progress import Quiet


class FakePip:
    def settings(self):
        return ""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Give a project with locks, whose installer makes a bare environment and counts its calls."""
    root = tmp_path / "a project"
    (root / "webstack/cli").mkdir(parents=True)
    (root / "webstack/__init__.py").touch()
    (root / "webstack/cli/__init__.py").touch()
    (root / "webstack/cli/main.py").write_text(
        "import sys\ndef main(): print(*sys.argv[1:]); return 7\n"
    )
    for lock in (RUNTIME_LOCK, DEV_LOCK, SETUP_LOCK):
        (root / lock).write_text(f"# {lock}\n")
    installed = []

    def run(argv, **_):
        if argv[1] == "venv":
            arguments = [sys.executable, "-m", "venv", "--without-pip", "--clear", argv[-1]]
            subprocess.run(arguments, check=True)
        else:
            installed.append([word for word in argv if word.startswith("requirements")])

    monkeypatch.setattr(virtualenv, "find_pip", lambda *_: FakePip())
    monkeypatch.setattr(virtualenv, "fetch_uv", lambda *_: root / "uv")
    monkeypatch.setattr(virtualenv, "run", run)
    return root, installed


def make(root, *, dev=False):
    Virtualenv(root, dev).make(Quiet())


def test_a_new_one_holds_the_locked_packages_and_is_current(project):
    root, installed = project
    assert not Virtualenv(root, dev=False).is_current()
    make(root)
    assert installed == [["requirements.txt", SETUP_LOCK]]
    assert Virtualenv(root, dev=False).is_current()


def test_a_current_one_is_left_alone_but_its_stamp_is_renewed(project):
    """The Makefile compares the stamp's time with those of the locks."""
    root, installed = project
    make(root)
    stamp = root / ".venv/webstack.json"
    before = stamp.stat().st_mtime_ns
    make(root)
    assert len(installed) == 1
    assert stamp.stat().st_mtime_ns > before


def test_a_changed_lock_makes_it_anew(project):
    root, installed = project
    make(root)
    (root / "requirements.txt").write_text("other==1\n")
    make(root)
    assert len(installed) == 2


def test_one_for_developing_serves_for_running_too(project):
    """Switching between `make test` and `make up` installs nothing."""
    root, installed = project
    make(root, dev=True)
    make(root)
    assert installed == [["requirements-dev.txt", SETUP_LOCK]]


def test_one_for_running_does_not_serve_for_developing(project):
    root, installed = project
    make(root)
    make(root, dev=True)
    assert len(installed) == 2


def test_an_interrupted_one_is_made_anew(project, monkeypatch):
    root, _ = project
    with monkeypatch.context() as patch:
        patch.setattr(Virtualenv, "_link_project", lambda _: sys.exit(1))
        with pytest.raises(SystemExit):
            make(root)
    assert not Virtualenv(root, dev=False).is_current()
    make(root)
    assert Virtualenv(root, dev=False).is_current()


def test_one_whose_python_is_gone_is_made_anew(project):
    root, _ = project
    make(root)
    (root / ".venv/bin/python").unlink()
    assert not Virtualenv(root, dev=False).is_current()


def test_one_whose_python_became_another_is_made_anew(project):
    """A distribution upgrade changes what python3 is."""
    root, _ = project
    make(root)
    stamp = root / ".venv/webstack.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "python": "/usr/bin/python3.9"}))
    assert not Virtualenv(root, dev=False).is_current()


def test_the_command_runs_from_anywhere_and_after_a_move(project, tmp_path):
    root, _ = project
    make(root)
    moved = root.rename(tmp_path / "moved here")
    link = tmp_path / "webstack"
    link.symlink_to(moved / ".venv/bin/webstack")
    done = subprocess.run([str(link), "up", "a b"], cwd="/", capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("up a b\n", "", 7)


@pytest.fixture
def kept(project, tmp_path):
    """Give a project that keeps the tool as a wheel, and the calls of its installer."""
    wheel = make_wheel(tmp_path / "kept/wheels")
    return wheel.parents[1], wheel


def commands(monkeypatch, fails=lambda argv: False):
    """Give the commands that are run where the environment itself is bare."""
    made, real = [], virtualenv.run

    def run(argv, **options):
        if argv[1] == "venv":
            real(argv, **options)
        else:
            made.append(argv)
            if fails(argv):
                raise CommandError(argv, 1, "no answer")

    monkeypatch.setattr(virtualenv, "run", run)
    return made


def test_a_kept_wheel_brings_the_locks_and_is_installed_after_them(kept, monkeypatch):
    root, wheel = kept
    (root / "requirements.txt").write_text("own==1\n")
    made = commands(monkeypatch)
    make(root)
    locked, tool = made
    cache = root / ".cache/setup"
    assert [locked[index + 1] for index, word in enumerate(locked) if word == "-r"] == [
        str(cache / "requirements.txt"),
        str(cache / "requirements-setup.txt"),
        str(root / "requirements.txt"),
    ]
    assert "--require-hashes" in locked
    assert tool[-1] == str(wheel)
    assert "--offline" in tool
    assert Virtualenv(root, dev=False).is_current()


def test_another_wheel_makes_it_anew(kept, monkeypatch):
    root, wheel = kept
    commands(monkeypatch)
    make(root)
    wheel.unlink()
    make_wheel(root / "wheels", "2.0.0")
    assert not Virtualenv(root, dev=False).is_current()


def test_without_a_network_packages_of_earlier_times_do(kept, monkeypatch):
    root, _ = kept
    made = commands(monkeypatch, lambda argv: "--offline" not in argv)
    make(root)
    assert ["--offline" in argv for argv in made] == [False, True, True]


def test_where_neither_does_the_first_error_is_told(kept, monkeypatch):
    root, _ = kept
    made = commands(monkeypatch, lambda argv: True)
    with pytest.raises(CommandError) as told:
        make(root)
    assert str(told.value) == str(CommandError(made[0], 1, "no answer"))
    assert not Virtualenv(root, dev=False).is_current()


def test_a_wheelhouse_is_asked_in_place_of_any_index(kept, monkeypatch):
    root, _ = kept
    (root / "wheelhouse").mkdir()
    made = commands(monkeypatch)
    make(root)
    assert "--no-index" in made[0]
    assert str(root / "wheelhouse") in made[0]
