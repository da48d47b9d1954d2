"""Connects to a Docker daemon through the Docker SDK: over a unix socket, ssh, TCP or TLS."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import docker
import requests
from docker.errors import DockerException
from docker.tls import TLSConfig
from requests.adapters import BaseAdapter

from webstack.docker.daemon_host import DaemonHost
from webstack.docker.endpoint import tls_files
from webstack.docker.tls_adapter import TlsMaterialAdapter
from webstack.docker.transports import SshDial, TransportAdapter, by_socket

SECONDS: Final = 60
_NAMELESS: Final = "tcp://daemon:2375"


class DaemonClient(docker.APIClient):
    """Calls one daemon, by an ``adapter`` of its own where it has one.

    It verifies the daemon by the daemon's own authority, whatever requests reads from the
    environment. It agrees with it on a version of the API, with which it begins.
    """

    def __init__(
        self,
        address: str,
        timeout: int,
        adapter: BaseAdapter | None = None,
        tls: TLSConfig | bool = False,
    ) -> None:
        self._adapter = adapter
        super().__init__(base_url=address, version="auto", timeout=timeout, tls=tls)

    def get_adapter(self, url: str) -> Any:
        """Give what sends a request to a URL."""
        return self._adapter or super().get_adapter(url)

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Keep the daemon's own authority; requests would take REQUESTS_CA_BUNDLE instead."""
        trusted = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, trusted, cert)

    def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        super().close()
        if self._adapter is not None:
            self._adapter.close()


def connect(host: DaemonHost, timeout: int = SECONDS) -> docker.APIClient:
    """Connect to a daemon; each call that says nothing else is limited to ``timeout`` seconds.

    Raises EndpointError where certificates are missing, DockerException, and requests'
    RequestException where nobody answers.
    """
    scheme, _, path = host.address.partition("://")
    if scheme == "unix":
        return DaemonClient(_NAMELESS, timeout, TransportAdapter(by_socket(path)))
    if scheme == "ssh":
        return _by_ssh(host.address, timeout)
    if host.material is not None:
        return DaemonClient(host.address, timeout, TlsMaterialAdapter(host.material), tls=True)
    if host.certificates is None:
        return DaemonClient(host.address, timeout)
    files = tls_files(host.certificates, verified=host.verified)
    tls = TLSConfig(client_cert=files.client, ca_cert=files.authority, verify=host.verified)
    return DaemonClient(host.address, timeout, tls=tls)


@cache
def shared(host: DaemonHost, timeout: int = SECONDS) -> docker.APIClient:
    """Give the client that this whole process shares; raises the same as `connect`.

    Threads may use it at the same time. Nobody closes it: its connections end with the process.
    """
    return connect(host, timeout)


def _by_ssh(address: str, timeout: int) -> docker.APIClient:
    dial = SshDial(address)
    try:
        return DaemonClient(_NAMELESS, timeout, TransportAdapter(dial))
    except (DockerException, requests.RequestException) as error:
        reason = dial.problem() or str(error)
        raise DockerException(f"ssh to {address} failed: {reason}") from None
