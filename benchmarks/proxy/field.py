"""Runs the containers that are compared, on the same files, each with one CPU."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
from docker.models.containers import Container
from docker.types import Mount

from benchmarks.proxy import rivals
from benchmarks.proxy.costs import Turn, turn
from proxy import Cache, RoutedService, Site, Tls, paths, render
from tests import bases
from tests.authority import own_authority
from tests.proxy.containers import PYTHON, Town, put, run

ROOT = Path(__file__).parents[2]
SIZES = {"1 KB": 1024, "4 KB": 4096, "100 KB": 102400}
HOST = "site.test"
_CPU = {"cpu_period": 100_000, "cpu_quota": 100_000}
_UNASKED = {"test": ["NONE"]}
"""Docker's checks, each of which starts a process, would count as CPU of requests."""
_CONFIGURATION = """
import sys
from proxy import RoutedService, Site, render
shop = RoutedService("plain", path="/", static=True)
sys.stdout.write(render(Site(hosts=("site.test",), backends=(shop,), workers=int(sys.argv[1]))))
"""
"""Run in the sources that are measured."""
_CACHED = Site(
    hosts=(HOST,),
    backends=(RoutedService("plain", path="/", static=True, cache=Cache()),),
    workers=1,
    tls=Tls(redirect=False),
)
_PAGE = "/kept?Cache-Control=max-age=60&size=4096"


class Field:
    """Runs all of them, for as long as it is entered."""

    def __init__(self, against: str, seconds: int) -> None:
        self.against, self.seconds = against, seconds
        self._client = docker.from_env(timeout=600)
        bases.made()
        self._texts = _configurations(against)
        image, _ = self._client.images.build(
            path=str(ROOT / "proxy"), buildargs={"PYTHON": PYTHON}, rm=True
        )
        self._town = Town(self._client, image.id)
        self._rivals: dict[str, Container] = {}

    def __enter__(self) -> Field:
        """Start all of them; each serves the same volume."""
        try:
            self._start()
        except BaseException:
            self._town.clear()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Take everything away."""
        self._town.clear()
        self._client.close()

    def rounds(self, count: int) -> Iterator[tuple[str, dict[str, list[Turn]]]]:
        """Measure by turns, one question after the other; gives its name and all turns."""
        for size in SIZES:
            yield f"{size}, a file with a hash in its name", self._files(_file(size), count)
        yield "1 KB by 127.0.0.1, where Docker's own proxy passes bytes on", self._published(count)
        yield "4 KB: a file, an answer from memory, and both with TLS", self._kinds(count)

    def _files(self, file: str, count: int) -> dict[str, list[Turn]]:
        found: dict[str, list[Turn]] = {}
        path = f"/static/{file}"
        for _ in range(count):
            for name, text in self._texts.items():
                self._configure(text)
                found.setdefault(name, []).append(self._turn(self._nginx, self._address, path))
            for name, rival in self._rivals.items():
                turned = self._turn(rival, f"{_ip(rival)}:{rivals.PORT}", path)
                found.setdefault(name, []).append(turned)
        return found

    def _published(self, count: int) -> dict[str, list[Turn]]:
        found: dict[str, list[Turn]] = {}
        self._holder.reload()
        [port] = self._holder.ports[f"{paths.PORT}/tcp"]
        for _ in range(count):
            for name, text in self._texts.items():
                self._configure(text)
                address = f"127.0.0.1:{port['HostPort']}"
                turned = self._turn(self._nginx, address, f"/static/{_file('1 KB')}")
                found.setdefault(name, []).append(turned)
        return found

    def _kinds(self, count: int) -> dict[str, list[Turn]]:
        self._configure(render(_CACHED))
        encrypted = f"https://{self._town.address(tls=True)}:{paths.TLS_PORT}"
        plain = f"http://{self._address}"
        file, found = f"/static/{_file('4 KB')}", {}
        asked = {
            "file": f"{plain}{file}",
            "from memory": f"{plain}{_PAGE}",
            "file, TLS 1.3": f"{encrypted}{file}",
            "from memory, TLS 1.3": f"{encrypted}{_PAGE}",
        }
        for _ in range(count):
            for name, url in asked.items():
                found.setdefault(name, []).append(
                    turn(self._nginx, url, self.seconds, ("-H", f"Host: {HOST}"))
                )
        return found

    def _turn(self, container: Container, address: str, path: str) -> Turn:
        return turn(container, f"http://{address}{path}", self.seconds, ("-H", f"Host: {HOST}"))

    def _start(self) -> None:
        town = self._town
        self._holder = town.holder(published=True)
        town.holder(tls=True)
        self._nginx = town.nginx(_CACHED, healthcheck=_UNASKED)
        self._nginx.update(**_CPU)
        town.service("plain")
        town.switch(self._nginx, "plain")
        with tempfile.TemporaryDirectory() as folder:
            authority = own_authority(Path(folder) / "own.pem", HOST)
            place = f"{paths.CERTIFICATES_DIRECTORY}/{paths.SITE_CERTIFICATE}.pem"
            put(self._nginx, place, authority.read_bytes(), 0o400)
        run(self._nginx, f"mkdir -p {paths.static('plain')}")
        for size, length in SIZES.items():
            put(self._nginx, f"{paths.static('plain')}/{_file(size)}", b"a" * length)
        self._address = f"{town.address()}:{paths.PORT}"
        self._start_rivals()

    def _start_rivals(self) -> None:
        packages = " ".join(rivals.PACKAGES)
        recipe = f"FROM {PYTHON}\nRUN apt-get update && apt-get install -y {packages}\n"
        image, _ = self._client.images.build(fileobj=io.BytesIO(recipe.encode()), rm=True)
        ours = self._town.image
        wanted: dict[str, tuple[str, str, Callable[[str], list[str]]]] = {
            "bare nginx": (ours, rivals.bare(), _nginx),
            "Caddy": (image.id, rivals.caddy(), _caddy),
            "HAProxy, no log": (image.id, rivals.haproxy([*map(_file, SIZES)]), _haproxy),
        }
        for number, (name, (its, text, command)) in enumerate(wanted.items()):
            self._rivals[name] = self._rival(number, its, text, command)

    def _rival(
        self, number: int, image: str, text: str, command: Callable[[str], list[str]]
    ) -> Container:
        prefix = self._town.prefix
        rival = self._client.containers.create(
            image,
            command("/tmp/configuration"),
            name=f"{prefix}-rival-{number}",
            user="10100:10100",
            environment={"HOME": "/tmp"},
            healthcheck=_UNASKED,
            mounts=[
                Mount(paths.STATIC_DIRECTORY, f"{prefix}-static", type="volume", read_only=True),
                Mount(paths.LOG_DIRECTORY, f"{prefix}-log", type="volume"),
            ],
            **_CPU,
        )
        self._town.containers.append(rival)
        put(rival, "/tmp/configuration", text.encode())
        rival.start()
        time.sleep(1)
        rival.reload()
        if rival.status != "running":
            raise SystemExit(f"{command('')[0]} ended: {rival.logs(tail=5).decode()}")
        return rival

    def _configure(self, text: str) -> None:
        put(self._nginx, paths.CONFIGURATION, text.encode())
        run(self._nginx, "webstack-reload")


def _configurations(against: str) -> dict[str, str]:
    """Give nginx.conf as it was, of one CPU as well, and as it is."""
    command = ["git", "archive", against, "proxy", "webstack"]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(folder, filter="data")
        return {against: _written(Path(folder), 2), "now": _written(ROOT, 1)}


def _written(sources: Path, workers: int) -> str:
    command = [sys.executable, "-c", _CONFIGURATION, str(workers)]
    done = subprocess.run(command, cwd=sources, check=True, capture_output=True, text=True)
    return done.stdout


def _nginx(file: str) -> list[str]:
    return ["nginx", "-c", file, "-g", "daemon off;"]


def _caddy(file: str) -> list[str]:
    return ["caddy", "run", "--config", file, "--adapter", "caddyfile"]


def _haproxy(file: str) -> list[str]:
    return ["haproxy", "-f", file]


def _ip(container: Container) -> str:
    return str(container.attrs["NetworkSettings"]["IPAddress"])


def _file(size: str) -> str:
    return f"{size.replace(' ', '').lower()}.0123456789ab.css"
