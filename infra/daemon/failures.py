"""What goes wrong while a deployment is made, as the user reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from infra.settings.sections import NAMESPACE
from webstack.contract import plain_text

_PLUGIN = "pulumi.dynamic.__main__"


class DeploymentError(Exception):
    """A step failed; the message says what, why and what to do, with nothing hidden in it."""

    def __init__(self, message: str) -> None:
        super().__init__(plain_text.block(message))


class ContainerError(DeploymentError):
    """Something that was asked of a container failed; the message is for the user."""


def engine_failure(error: Exception) -> str:
    """What an error of the Docker daemon means, in one line."""
    if isinstance(error, APIError):
        reason = " ".join(str(error.explanation or error).split())
        return without_space(reason) or reason
    return f"the Docker daemon does not answer ({error}); see `webstack doctor`"


def without_space(*said: str) -> str:
    """The way out where the daemon's disk is full; empty where nothing says so."""
    if any("no space left on device" in text.lower() for text in said):
        return "no disk space left for the Docker daemon; see `docker system df`"
    return ""


def without_writing(service: str, *said: str) -> str:
    """The way out where a service wrote to what it may only read; empty where nothing says so."""
    if not any("read-only file system" in text.lower() for text in said):
        return ""
    key = f"{NAMESPACE}:services.{service}"
    return f"; name the folder that it writes to in {key}.data (kept) or {key}.writable (not kept)"


@contextmanager
def told_plainly() -> Iterator[None]:
    """Let a failure speak for itself under the Pulumi CLI too; raises DeploymentError.

    Its process for dynamic resources reports every exception as a traceback, so there, and only
    there, tracebacks shrink to the message.
    """
    try:
        yield
    except DeploymentError:
        _shrink_tracebacks()
        raise
    except (DockerException, RequestException) as error:
        _shrink_tracebacks()
        raise DeploymentError(engine_failure(error)) from None


def _shrink_tracebacks() -> None:
    specification = getattr(sys.modules["__main__"], "__spec__", None)
    if specification is not None and specification.name == _PLUGIN:
        sys.tracebacklimit = 0
