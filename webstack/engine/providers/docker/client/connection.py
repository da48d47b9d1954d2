"""Calls the Docker daemon's API, at the first call only: a run without changes needs no daemon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from webstack.docker.api.daemon import Daemon
from webstack.docker.client import connect
from webstack.docker.daemon_host import DaemonHost
from webstack.docker.endpoint import EndpointError
from webstack.docker.errors import DaemonError, RefusedError, TimedOutError
from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError, DaemonUnreachableError


class Connection:
    """Connects to one daemon at the first call. It is safe to use from several threads."""

    def __init__(self, find_host: Callable[[], DaemonHost]) -> None:
        self._find_host = find_host
        self._lock = threading.Lock()
        self._daemon: Daemon | None = None
        self._address = "the default address"

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Any:
        """Make a call, limited to ``timeout`` seconds; returns its JSON answer or None."""
        daemon = self._connected()
        with self._reported():
            return daemon.value(
                method,
                path,
                query=query,
                body=body,
                content=content,
                headers=headers,
                timeout=timeout,
            )

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: Iterable[bytes] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Make a POST and yield the JSON objects of its answer as they arrive."""
        daemon = self._connected()
        with self._reported():
            answer = daemon.send(
                "POST", path, query=query, content=content, headers=headers, timeout=None
            )
        try:
            yield from answer.values()
        except DaemonError as error:
            raise DaemonUnreachableError(
                f"the answer of the Docker daemon at {self._address} broke off"
            ) from error

    def read(self, path: str, *, query: Mapping[str, Any] | None = None) -> bytes:
        """Make a GET and return the bytes of the answer."""
        daemon = self._connected()
        with self._reported():
            return daemon.send("GET", path, query=query, timeout=60).content()

    def api_version(self) -> tuple[int, ...]:
        """Return the version of the API that the daemon speaks."""
        return tuple(int(part) for part in self._connected().api_version.split("."))

    def close(self) -> None:
        """Close all sockets. A later call opens new ones."""
        with self._lock:
            if self._daemon is not None:
                self._daemon.close()
            self._daemon = None

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except RefusedError as error:
            raise DaemonRefusedError(error.status, error.reason) from error
        except TimedOutError as error:
            raise DaemonUnreachableError(
                f"the Docker daemon at {self._address} did not answer in time"
            ) from error
        except DaemonError as error:
            raise DaemonUnreachableError(
                f"the Docker daemon at {self._address} cannot be reached or went away; "
                "is it running? (`docker info`)"
            ) from error

    def _connected(self) -> Daemon:
        with self._lock:
            if self._daemon is None:
                self._daemon = self._connect()
            return self._daemon

    def _connect(self) -> Daemon:
        try:
            host = self._find_host()
            self._address = host.address
            return connect(host)
        except EndpointError as error:
            raise ProviderError(str(error)) from None
        except DaemonError as error:
            raise DaemonUnreachableError(
                f"the Docker daemon at {self._address} cannot be reached; "
                f"is it running? (`docker info`): {error}"
            ) from error
