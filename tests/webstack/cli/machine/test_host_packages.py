import os

import pytest

from webstack.cli.machine import host_packages
from webstack.cli.machine.host_packages import Manager, apt_progress, find_manager, install
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import Quiet


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Give a machine whose package manager is a script that writes down its calls."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(host_packages, "root_prefix", lambda: ())

    def build(script, **options):
        program = tmp_path / "pkg"
        program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{script}\n')
        program.chmod(0o755)
        manager = Manager("pkg", ("pkg", "install"), {"docker": "engine"}, **options)
        monkeypatch.setattr(host_packages, "find_manager", lambda: manager)
        return lambda: (tmp_path / "calls").read_text().splitlines()

    return build


@pytest.mark.parametrize("program", ["apt-get", "dnf", "zypper", "pacman", "apk"])
def test_each_known_manager_can_install_an_engine_and_pip(program):
    manager = find_manager(lambda name: name if name == program else None)
    assert manager
    assert manager.program == program
    assert manager.names.keys() == {"docker", "pip"}


def test_an_unknown_machine_has_no_manager():
    assert find_manager(lambda _: None) is None


def test_it_says_what_it_is_about_to_do_and_does_it(machine, capsys):
    calls = machine("")
    install("docker", "No Docker daemon is installed", Quiet())
    assert calls() == ["install engine"]
    assert capsys.readouterr().err == (
        "No Docker daemon is installed: installing the package engine with pkg, as root\n"
    )


def test_a_failed_try_is_repaired_and_repeated_once(machine, tmp_path):
    """An interrupted installation, or an old package list, must not need the user."""
    flag = tmp_path / "updated"
    calls = machine(
        f'[ "$1" = update ] && touch {flag}; [ -e {flag} ]', repair=(("pkg", "update"),)
    )
    install("docker", "none", Quiet())
    assert calls() == ["install engine", "update", "install engine"]


def test_a_failure_shows_the_managers_last_words_and_the_way_out(machine):
    machine("echo cannot reach the mirror; exit 100")
    with pytest.raises(OpsError, match=r"cannot reach the mirror; install it as root: pkg install"):
        install("docker", "none", Quiet())


def test_without_root_one_line_tells_what_to_install(machine, monkeypatch):
    calls = machine("")
    monkeypatch.setattr(host_packages, "root_prefix", lambda: None)
    with pytest.raises(OpsError, match=r"^none; install it as root: pkg install engine$"):
        install("docker", "none", Quiet())
    with pytest.raises(FileNotFoundError):
        calls()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dlstatus:1:12.9831:Retrieving file 1 of 9", "downloading 12 %"),
        ("pmstatus:docker.io:80.0:Configuring docker.io (amd64)", "installing 80 %"),
    ],
)
def test_apt_tells_how_far_it_is(line, words):
    assert apt_progress(line) == words
