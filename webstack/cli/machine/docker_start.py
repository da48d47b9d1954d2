"""Starts the Docker daemon that is installed on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from webstack.cli.machine.host_packages import Root
from webstack.cli.machine.shell import CommandError, run
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import Reporter
from webstack.contract import plain_text

START_SECONDS = 60.0
POLL_SECONDS = 0.05
_TAIL = 1 << 16
"""Bytes of a log that are looked at: it may be that of a year."""
ZOMBIES = ("Z", "X")
PID_FILES = (Path("/var/run/docker.pid"), Path("/var/run/docker/containerd/containerd.pid"))


@dataclass(frozen=True)
class Daemon:
    """Says how a daemon is started here: by systemd, or by hand with its log in a file."""

    systemd: bool
    log: Path


def find_daemon(project: Path) -> Daemon | None:
    """Find out how to start the installed daemon; None if there is none."""
    if _systemd_runs() and _has_unit():
        return Daemon(systemd=True, log=Path("journalctl -u docker"))
    if shutil.which("dockerd"):
        system = os.geteuid() == 0
        return Daemon(
            False, Path("/var/log/dockerd.log" if system else project / ".webstack/dockerd.log")
        )
    return None


def start(daemon: Daemon, root: Root, answers: Callable[[], bool], reporter: Reporter) -> None:
    """Start it, saying so first, and wait until it answers."""
    if daemon.systemd:
        reporter.announce("No Docker daemon answers: starting it with systemctl, as root")
        with reporter.step("Starting the Docker daemon"):
            run((*root, "systemctl", "start", "docker"), timeout=START_SECONDS)
            _wait(answers, lambda: None, daemon)
        return
    reporter.announce(f"No Docker daemon answers: starting dockerd as root, log in {daemon.log}")
    with reporter.step("Starting the Docker daemon"):
        _remove_stale_pid_files(root)
        process = _detached((*root, "dockerd"), daemon.log)
        _wait(answers, process.poll, daemon)


def _systemd_runs() -> bool:
    return Path("/run/systemd/system").is_dir() and shutil.which("systemctl") is not None


def _has_unit() -> bool:
    try:
        return "docker.service" in run(
            ["systemctl", "list-unit-files", "docker.service"], timeout=10
        )
    except CommandError:
        return False


def _detached(argv: tuple[str, ...], log: Path) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that it outlives this one and its terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )


def _wait(answers: Callable[[], bool], exit_code: Callable[[], int | None], daemon: Daemon) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        code = exit_code()
        if code is not None:
            raise OpsError(
                f"dockerd ended with exit code {code}: {_tail(daemon.log)}", _advice(daemon)
            )
        if time.monotonic() > deadline:
            raise OpsError(f"dockerd does not answer after {START_SECONDS:.0f} s", _advice(daemon))
        time.sleep(POLL_SECONDS)


def _advice(daemon: Daemon) -> str:
    return f"see {daemon.log}, start it by hand and run this again"


def _tail(log: Path) -> str:
    if not log.exists():
        return "\n"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        lines = plain_text.lines(file.read(_TAIL).decode(errors="replace"))
    return "".join(f"\n    {line}" for line in lines[-5:]) + "\n"


def _remove_stale_pid_files(root: Root) -> None:
    """Remove what a killed daemon left, once its process id belongs to another program.

    dockerd refuses to start while its pid file names any living process.
    """
    for path in PID_FILES:
        owner = path.stem if path.stem == "containerd" else "dockerd"
        if path.exists() and _program_of(path) != owner:
            run((*root, "rm", "-f", str(path)))


def _program_of(pid_file: Path) -> str:
    """Name the living program whose process id a file holds; a zombie lives no longer."""
    try:
        stat = Path(f"/proc/{int(pid_file.read_text())}/stat").read_text()
    except (OSError, ValueError):
        return ""
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return "" if rest.split()[0] in ZOMBIES else name
