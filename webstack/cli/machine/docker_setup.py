"""Brings a Docker daemon to this machine: starts the one that is installed, or installs one."""

from __future__ import annotations

from pathlib import Path

from webstack.cli.machine import docker_start, host_packages
from webstack.cli.machine.docker_discovery import find
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import Reporter
from webstack.docker.endpoint import Endpoint


def bring_up(endpoints: list[Endpoint], project: Path, reporter: Reporter) -> Endpoint:
    """Start or install the machine's own daemon; OpsError where this user may not."""
    local = [endpoint for endpoint in endpoints if endpoint.is_default]
    daemon = docker_start.find_daemon(project)
    if daemon is None:
        host_packages.install("docker", "No Docker daemon is installed", reporter)
        found = find(endpoints)  # the package may have started it
        if found:
            return found
        daemon = docker_start.find_daemon(project)
    if daemon is None:
        raise OpsError("Docker was installed, yet there is no dockerd", "start a daemon by hand")
    root = host_packages.root_prefix()
    if root is None:
        raise OpsError("no Docker daemon answers", f"start it as root: {_by_hand(daemon)}")
    docker_start.start(daemon, root, lambda: find(local) is not None, reporter)
    return local[0]


def _by_hand(daemon: docker_start.Daemon) -> str:
    return "systemctl start docker" if daemon.systemd else "dockerd"
