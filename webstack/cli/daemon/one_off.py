"""Runs a command in a container of its own, made as one of the release in force, and gone after."""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webstack.cli.daemon import streams
from webstack.cli.daemon.containers import plain_errors
from webstack.docker.errors import DaemonError, NotFoundError

ROLE = "one-off"
_SOCKETS = "/run/webstack"
_OF_THE_WEB = ("WEBSTACK_SOCKET", "GUNICORN_CMD_ARGS", "PORT")
_KEPT = (
    *("Binds", "Mounts", "Tmpfs", "Memory", "MemorySwap", "NanoCpus", "CpuPeriod", "CpuQuota"),
    *("PidsLimit", "ReadonlyRootfs", "CapDrop", "SecurityOpt", "GroupAdd", "ShmSize"),
)
_GRACE = 10


def run(api: Any, like: str, command: Sequence[str], name: str) -> int:
    """Run a command as the container ``like`` would; gives its exit code.

    It has the streams of this process, or its terminal. The container goes with it, also when this
    process is interrupted. Raises OpsError where the daemon does not answer.
    """
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    with plain_errors():
        inspected = api.inspect_container(like)
        _clear(api, inspected)
        made = api.create_container_from_config(
            configuration(inspected, command, terminal=terminal),
            f"{name}-{secrets.token_hex(3)}",
        )["Id"]
    try:
        with plain_errors():
            for network in networks(inspected)[1:]:
                api.connect_container_to_network(made, network)
        with _interrupts():
            return streams.run_main(api, made, terminal=terminal)
    except KeyboardInterrupt:
        with contextlib.suppress(DaemonError):
            api.stop(made, timeout=_GRACE)
        raise
    finally:
        with contextlib.suppress(DaemonError):
            api.remove_container(made, force=True, v=True)


def configuration(
    inspected: Mapping[str, Any], command: Sequence[str], *, terminal: bool
) -> dict[str, Any]:
    """Give the body that makes a container as another one is, but for what serves requests."""
    config, host = inspected["Config"], inspected["HostConfig"]
    kept = {key: host[key] for key in _KEPT if host.get(key)}
    kept["Binds"] = [bind for bind in kept.get("Binds") or () if bind.split(":")[1] != _SOCKETS]
    kept["Mounts"] = [each for each in kept.get("Mounts") or () if each["Target"] != _SOCKETS]
    environment = [
        line for line in config.get("Env") or () if line.partition("=")[0] not in _OF_THE_WEB
    ]
    labels = {**(config.get("Labels") or {}), "webstack.role": ROLE}
    service = labels.get("webstack.service", "")
    labels["webstack.background"] = f"{labels.get('webstack.background') or service}-run"
    return {
        "Image": inspected["Image"],
        "Cmd": list(command),
        "Env": [*environment, *(["TERM=xterm"] if terminal else [])],
        "User": config.get("User") or "",
        "WorkingDir": config.get("WorkingDir") or "",
        "Labels": labels,
        "Healthcheck": {"Test": ["NONE"]},
        "Tty": terminal,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {**kept, "NetworkMode": networks(inspected)[0]},
    }


def networks(inspected: Mapping[str, Any]) -> list[str]:
    """Give the names of the networks that a container is in; ``none`` where it is in none."""
    return list((inspected.get("NetworkSettings") or {}).get("Networks") or {}) or ["none"]


def _clear(api: Any, inspected: Mapping[str, Any]) -> None:
    """Remove what has ended of runs that were killed."""
    labels = inspected["Config"].get("Labels") or {}
    same = [
        f"{label}={labels[label]}"
        for label in ("webstack.project", "webstack.stack")
        if label in labels
    ]
    filters = {"label": [*same, f"webstack.role={ROLE}"], "status": ["exited", "created", "dead"]}
    for entry in api.containers(all=True, filters=filters):
        with contextlib.suppress(NotFoundError):
            api.remove_container(entry["Id"], force=True, v=True)


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """Take the signals by which others end a process as Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
