"""Failures while a deployment is made, as the user reads them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infra.settings.sections import NAMESPACE
from webstack.contract import plain_text
from webstack.docker.errors import DaemonError, RefusedError

_PLUGIN = "pulumi.dynamic.__main__"
_NOT_WRITTEN = (
    "read-only file system",
    "unable to open database file",
    "attempt to write a readonly database",
)
_QUOTED = re.compile(r"['\"](/[^'\"\s]+)['\"]")
_PLAIN = re.compile(r"(?<![\w/.'\"])(/[\w@+-][\w@+./-]*)")
_KERNELS = ("/proc", "/sys", "/dev")


class DeploymentError(Exception):
    """The failure of a step; the message says what, why and what to do.

    Characters of the message that nobody would see are escaped.
    """

    def __init__(self, message: str) -> None:
        super().__init__(plain_text.block(message))


class ContainerError(DeploymentError):
    """The failure of a request to a container; the message is for the user."""


def daemon_failure(error: Exception) -> str:
    """Say in one line what an error of the Docker daemon means."""
    if isinstance(error, RefusedError):
        reason = " ".join(error.reason.split())
        return without_space(reason) or reason
    return f"the Docker daemon does not answer ({error}); see `webstack doctor`"


def without_space(*said: str) -> str:
    """Say what to look at where the daemon's disk is full.

    The text is empty where nothing says so.
    """
    if any("no space left on device" in text.lower() for text in said):
        return "no disk space left for the Docker daemon; see `docker system df`"
    return ""


def without_writing(service: str, *said: str) -> str:
    """Say which setting helps a service that wrote to what it may only read.

    The text is empty where nothing tells of such a write.
    """
    lines = [line for text in said for line in text.splitlines() if _denied(line)]
    if not lines:
        return ""
    key = f"{NAMESPACE}:services.{service}"
    found = [folder for line in lines if (folder := _folder(line))]
    named = f", as data: {found[-1]} or writable: {{{found[-1]}: 16}}" if found else ""
    return (
        f"; name the folder that it writes to in {key}.data (kept) or {key}.writable (not kept)"
        f"{named}"
    )


def _denied(line: str) -> bool:
    """Tell whether a line is about a refused write; without a path it may be anything else."""
    if any(words in line.lower() for words in _NOT_WRITTEN):
        return True
    return "permission denied" in line.lower() and _folder(line) is not None


def _folder(line: str) -> str | None:
    """Give the folder that a line of a log names, or that of the file that it names."""
    paths: list[str] = _QUOTED.findall(line) or _PLAIN.findall(line)
    for path in reversed(paths):
        parent, _, name = path.rstrip("/").rpartition("/")
        folder = parent if "." in name[1:] else path.rstrip("/")
        if folder and not folder.startswith(_KERNELS):
            return folder
    return None


@contextmanager
def told_plainly() -> Iterator[None]:
    """Let a failure show its message alone, under the Pulumi CLI too; raises DeploymentError.

    Pulumi's process for dynamic resources reports every exception as a traceback. There, and only
    there, tracebacks shrink to the message.
    """
    try:
        yield
    except DeploymentError:
        _shrink_tracebacks()
        raise
    except DaemonError as error:
        _shrink_tracebacks()
        raise DeploymentError(daemon_failure(error)) from None


def _shrink_tracebacks() -> None:
    specification = getattr(sys.modules["__main__"], "__spec__", None)
    if specification is not None and specification.name == _PLUGIN:
        sys.tracebacklimit = 0
