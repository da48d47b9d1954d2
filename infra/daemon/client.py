"""The API of the Docker daemon that the environment names, for code outside of resources."""

from __future__ import annotations

import os
from typing import Any

from docker.errors import DockerException

from webstack.docker.client import SECONDS, shared
from webstack.docker.daemon_host import find_host
from webstack.docker.endpoint import EndpointError


def connect(timeout: int = SECONDS) -> Any:
    """Give the daemon's API; each call takes ``timeout`` seconds at most.

    Raises DockerException, or requests' RequestException where nobody answers.
    """
    try:
        return shared(find_host({}, os.environ), timeout)
    except EndpointError as error:
        raise DockerException(str(error)) from None
