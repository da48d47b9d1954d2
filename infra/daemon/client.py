"""The API of the Docker daemon that the environment names, for code outside of resources."""

from __future__ import annotations

import os

from webstack.docker.api.daemon import Daemon
from webstack.docker.client import SECONDS, shared
from webstack.docker.daemon_host import find_host
from webstack.docker.endpoint import EndpointError
from webstack.docker.errors import DaemonError


def connect(timeout: float = SECONDS) -> Daemon:
    """Give the daemon's API; each call takes ``timeout`` seconds at most.

    Raises DaemonError where nobody answers, or where the environment names no daemon.
    """
    try:
        return shared(find_host({}, os.environ), timeout)
    except EndpointError as error:
        raise DaemonError(str(error)) from None
