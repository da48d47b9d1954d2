"""Calls the Docker daemon's API through the Docker SDK's session.

Imported at the first call only: the SDK takes a tenth of a second, and a run without changes
needs no daemon.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import docker
import requests
from docker.errors import DockerException

from webstack.docker.client import connect
from webstack.docker.daemon_host import DaemonHost
from webstack.docker.endpoint import EndpointError
from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError, DaemonUnreachableError


class Connection:
    """Connects to one daemon at the first call. It is safe to use from several threads.

    The SDK's session is shared: each call takes a connection from its pool or opens one.
    """

    def __init__(self, find_host: Callable[[], DaemonHost]) -> None:
        self._find_host = find_host
        self._lock = threading.Lock()
        self._client: docker.APIClient | None = None
        self._address = "the default address"

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        timeout: float = 60,
    ) -> Any:
        """Make a call, limited to ``timeout`` seconds; returns its JSON answer or None."""
        with self._answer(
            method, path, query=query, json=body, data=content, timeout=timeout
        ) as answer:
            return answer.json() if answer.content else None

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: Iterable[bytes] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Make a POST and yield the JSON objects of its answer as they arrive."""
        with self._answer(
            "POST", path, query=query, data=content, headers=headers, stream=True, timeout=None
        ) as answer:
            try:
                yield from (json.loads(line) for line in answer.iter_lines() if line)
            except ValueError as error:
                raise DaemonUnreachableError(
                    f"the answer of the Docker daemon at {self._address} broke off"
                ) from error

    def read(self, path: str, *, query: Mapping[str, Any] | None = None) -> bytes:
        """Make a GET and return the bytes of the answer."""
        with self._answer("GET", path, query=query, timeout=60) as answer:
            return answer.content

    def api_version(self) -> tuple[int, ...]:
        """Return the version of the API that the daemon speaks."""
        with self._reported():
            return tuple(int(part) for part in self._connected().api_version.split("."))

    def close(self) -> None:
        """Close all sockets. A later call opens new ones."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    @contextmanager
    def _answer(
        self, method: str, path: str, *, query: Mapping[str, Any] | None, **options: Any
    ) -> Iterator[requests.Response]:
        with self._reported():
            client = self._connected()
            url = f"{client.base_url}/v{client.api_version}{path}"
            with client.request(method, url, params=query, **options) as answer:
                if answer.status_code >= requests.codes.bad_request:
                    raise DaemonRefusedError(answer.status_code, _reason(answer))
                yield answer

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except requests.Timeout as error:
            raise DaemonUnreachableError(
                f"the Docker daemon at {self._address} did not answer in time"
            ) from error
        except requests.RequestException as error:
            raise DaemonUnreachableError(
                f"the Docker daemon at {self._address} cannot be reached or went away; "
                "is it running? (`docker info`)"
            ) from error

    def _connected(self) -> docker.APIClient:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> docker.APIClient:
        try:
            host = self._find_host()
            self._address = host.address
            return connect(host)
        except EndpointError as error:
            raise ProviderError(str(error)) from None
        except DockerException as error:
            raise DaemonUnreachableError(
                f"the Docker daemon at {self._address} cannot be reached; "
                f"is it running? (`docker info`): {error}"
            ) from error


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text.strip() or answer.reason
