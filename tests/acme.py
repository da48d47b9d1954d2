"""A directory of certificates (ACME): Debian's pebble, in the network of the daemon."""

from __future__ import annotations

import contextlib
import io
import json
import ssl
import tarfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import docker
from docker.models.containers import Container

from tests import bases
from tests.authority import own_authority

_RECIPE = """\
ARG PYTHON
FROM ${PYTHON}
RUN apt-get update && apt-get install -y --no-install-recommends pebble
"""


@dataclass(frozen=True)
class Acme:
    """The address of a directory, and the file with which its own certificate is checked."""

    address: str
    port: int
    management: int
    authority: Path

    @property
    def url(self) -> str:
        return f"https://{self.address}:{self.port}/dir"

    def root(self) -> str:
        """Give the root of the certificates that the directory issues, as PEM."""
        trusting = ssl.create_default_context(cafile=str(self.authority))
        place = f"https://127.0.0.1:{self.management}/roots/0"
        with urllib.request.urlopen(place, context=trusting, timeout=10) as answer:
            return str(answer.read().decode())


def acme(folder: Path, ports: Sequence[int]) -> Acme:
    """Describe a directory that does not run yet, with two free ports of this machine."""
    with contextlib.closing(docker.from_env()) as client:
        subnet = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Subnet"]
    bridge = str(next(ip_network(subnet).hosts()))  # which the daemon takes for itself
    return Acme(bridge, *ports, own_authority(folder / "acme.pem", bridge))


@contextlib.contextmanager
def running(
    acme: Acme,
    site_port: int,
    hosts: Sequence[str],
    seconds: int,
    *,
    records: tuple[int, int] | None = None,
    **said: str,
) -> Iterator[None]:
    """Run the directory; it issues for ``seconds`` each, to hosts that answer at a port.

    With ``records`` it asks by DNS instead: a server of its own, at the second of these ports,
    which takes records at the first. What is ``said`` more are variables of pebble's, such as how
    many good nonces it rejects.
    """
    words = {
        "listenAddress": f"0.0.0.0:{acme.port}",
        "managementListenAddress": f"127.0.0.1:{acme.management}",
        "certificate": "/etc/acme.pem",
        "privateKey": "/etc/acme.pem",
        "httpPort": site_port,
        "tlsPort": 1,
        "certificateValidityPeriod": seconds,
    }
    files = {
        "pebble.json": json.dumps({"pebble": words}).encode(),
        "acme.pem": acme.authority.read_bytes(),
    }
    client = docker.from_env(timeout=300)
    image, _ = client.images.build(
        fileobj=io.BytesIO(_RECIPE.encode()), buildargs={"PYTHON": bases.NAMES.python}, rm=True
    )
    container = client.containers.create(
        image.id,
        ["sh", "-c", f"{_names(acme, records)} -config /etc/pebble.json"],
        network_mode="host",
        extra_hosts=dict.fromkeys(hosts, "127.0.0.1"),
        environment={"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", **said},
    )
    try:
        container.put_archive("/etc", _packed(files))
        container.start()
        _wait(acme, container)
        yield
    finally:
        container.remove(force=True)
        client.close()


def _names(acme: Acme, records: tuple[int, int] | None) -> str:
    """Give the command of the directory, behind a server of names if it is to ask one."""
    if not records:
        return "exec pebble"
    taken, asked = records
    off = "-http01 '' -https01 '' -tlsalpn01 '' -doh ''"
    server = f"pebble-challtestsrv -dns01 :{asked} -management {acme.address}:{taken} {off}"
    return f"{server} & exec pebble -dnsserver 127.0.0.1:{asked}"


def _packed(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def _wait(acme: Acme, container: Container) -> None:
    end = time.monotonic() + 90
    while True:
        try:
            acme.root()
            return
        except OSError:
            if time.monotonic() > end:
                raise AssertionError(container.logs(tail=20).decode()) from None
            time.sleep(0.1)
