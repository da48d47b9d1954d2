"""Installs the few programs that the machine itself must have, with its own package manager."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from webstack.cli.machine.shell import CommandError, run, succeeds
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import Reporter, Step

Root = tuple[str, ...]
"""What to put before a command to run it as root: nothing, or sudo."""

LOCK_WAIT = "DPkg::Lock::Timeout=300"


@dataclass(frozen=True)
class Manager:
    """Describes a package manager: how it installs, and what it calls the things needed here."""

    program: str
    install: tuple[str, ...]
    names: Mapping[str, str]
    repair: tuple[tuple[str, ...], ...] = ()


MANAGERS = (
    Manager(
        "apt-get",
        ("apt-get", "install", "-y", "--no-install-recommends", "-o", LOCK_WAIT),
        {"docker": "docker.io", "pip": "python3-venv"},
        # What an interrupted installation or an old package list needs before the next try.
        (("dpkg", "--configure", "-a"), ("apt-get", "update", "-q", "-o", LOCK_WAIT)),
    ),
    Manager("dnf", ("dnf", "install", "-y"), {"docker": "moby-engine", "pip": "python3-pip"}),
    Manager(
        "zypper",
        ("zypper", "--non-interactive", "install", "--no-recommends"),
        {"docker": "docker", "pip": "python3-pip"},
    ),
    Manager(
        "pacman",
        ("pacman", "-S", "--noconfirm", "--needed"),
        {"docker": "docker", "pip": "python-pip"},
    ),
    Manager("apk", ("apk", "add"), {"docker": "docker", "pip": "py3-pip"}),
)

_one_at_a_time = threading.Lock()


def find_manager(which: Callable[[str], str | None] = shutil.which) -> Manager | None:
    """Find the machine's package manager, if it is one that we know."""
    return next((manager for manager in MANAGERS if which(manager.program)), None)


def root_prefix() -> Root | None:
    """Find out how to act as root without a prompt; None if there is no way."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ("sudo", "-n")
    return None


def install(what: str, why: str, reporter: Reporter) -> None:
    """Install the machine's package of ``what`` ("docker", "pip"), saying so first."""
    manager, root = find_manager(), root_prefix()
    if manager is None:
        raise OpsError(why, f"install {what} by hand: no known package manager is on PATH")
    package = manager.names[what]
    by_hand = f"install it as root: {' '.join((*manager.install[:2], package))}"
    if root is None:
        raise OpsError(why, by_hand)
    reporter.announce(f"{why}: installing the package {package} with {manager.program}, as root")
    with _one_at_a_time, reporter.step(f"Installing {package}") as step:
        try:
            _install(manager, root, package, step)
        except CommandError as error:
            raise OpsError(f"{why}, and installing {package} failed: {error}", by_hand) from error


def _install(manager: Manager, root: Root, package: str, step: Step) -> None:
    argv = (*root, *_environment(manager), *manager.install, package)
    try:
        _watched(manager, argv, step)
    except CommandError:
        if not manager.repair:
            raise
        for command in manager.repair:
            step.at(" ".join(command[:2]))
            run((*root, *_environment(manager), *command))
        _watched(manager, argv, step)


def _environment(manager: Manager) -> tuple[str, ...]:
    return ("env", "DEBIAN_FRONTEND=noninteractive") if manager.program == "apt-get" else ()


def _watched(manager: Manager, argv: tuple[str, ...], step: Step) -> None:
    # sudo closes the descriptors it is given, so the percentage is shown to root only.
    if manager.program != "apt-get" or "sudo" in argv:
        run(argv)
        return
    with _apt_status(step) as descriptor:
        run((*argv, "-o", f"APT::Status-Fd={descriptor}"), pass_fds=(descriptor,))


@contextmanager
def _apt_status(step: Step) -> Iterator[int]:
    """Give a descriptor on which apt tells its percentage to the step."""
    reading, writing = os.pipe()

    def follow() -> None:
        with os.fdopen(reading, errors="replace") as lines:
            for line in lines:
                step.at(apt_progress(line))

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield writing
    finally:
        os.close(writing)
        follower.join(timeout=0.5)  # a daemon that the package started may hold the pipe open


def apt_progress(line: str) -> str:
    """Turn one line of apt's status (`pmstatus:docker.io:42.1:Unpacking`) into words.

    >>> apt_progress("pmstatus:docker.io:42.1:Unpacking docker.io")
    'installing 42 %'
    """
    kind, _, rest = line.partition(":")
    _, _, rest = rest.partition(":")
    percentage = rest.partition(":")[0].partition(".")[0]
    return f"{'downloading' if kind == 'dlstatus' else 'installing'} {percentage} %"
