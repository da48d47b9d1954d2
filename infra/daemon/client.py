"""The API of the Docker daemon that the environment names: for what is no resource."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from docker.errors import DockerException
from docker.tls import TLSConfig

from webstack.docker import endpoint
from webstack.docker.client import TrustingClient

_SSH_SECONDS = 20
_POLL = 0.05


def connect(timeout: int = 60) -> Any:
    """The daemon's API, each call limited to so many seconds; raises DockerException."""
    try:
        said = endpoint.named(os.environ, Path.home())
        arguments = _arguments(said) if said else {}
    except endpoint.EndpointError as error:
        raise DockerException(str(error)) from None
    return TrustingClient(**arguments, version="auto", timeout=timeout)


def _arguments(said: endpoint.Endpoint) -> dict[str, Any]:
    if said.url.startswith("ssh://"):
        return {"base_url": _forwarded(said.url)}
    if not said.url.startswith("tcp://") or said.certificates is None:
        return {"base_url": said.url}
    files = endpoint.tls_files(said.certificates, verified=said.verified)
    tls = TLSConfig(client_cert=files.client, ca_cert=files.authority, verify=said.verified)
    return {"base_url": said.url, "tls": tls}


@cache
def _forwarded(address: str) -> str:
    """A unix socket that ssh leads to a daemon elsewhere, for as long as this process lives.

    The SDK's own way would need a package that every import of the SDK loads.
    """
    folder = tempfile.mkdtemp(prefix="webstack-")
    socket = Path(folder, "docker.sock")
    forward = ["-L", f"{socket}:/var/run/docker.sock", "-o", "ExitOnForwardFailure=yes"]
    # It ends with its input, so that it outlives no process that is killed.
    ssh = subprocess.Popen(
        ["ssh", "-o", "BatchMode=yes", *forward, "--", address, "cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    def end() -> None:
        ssh.terminate()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    deadline = time.monotonic() + _SSH_SECONDS
    while not socket.exists():
        if ssh.poll() is not None or time.monotonic() > deadline:
            ssh.kill()
            _, said = ssh.communicate()
            reason = said.decode(errors="replace").strip() or f"no answer in {_SSH_SECONDS} s"
            raise DockerException(f"ssh to {address} failed: {' '.join(reason.split())}")
        time.sleep(_POLL)
    return f"unix://{socket}"
