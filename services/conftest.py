"""What the services' tests share: their code on the path, and their images on a daemon."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from services import testing
from services.tests import samples

# Each service finds its packages from its own folder, as in its container.
sys.path[:0] = map(str, samples.folders())


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A Docker daemon, with patience: a busy one is slow to remove."""
    client = docker.from_env(timeout=300)
    yield client
    client.close()


@pytest.fixture(scope="session")
def build(engine: docker.DockerClient, base_images: Any) -> Iterator[Callable[..., str]]:
    """Build a service's folder, once a session, and say the image's name."""
    built: dict[tuple[Path, bool], str] = {}
    bases = {"PYTHON": base_images.service, "PYTHON_BUILD": base_images.service_build}

    def build_once(folder: Path, debug: bool = False) -> str:
        if (folder, debug) not in built:
            built[folder, debug] = testing.build(engine, bases, folder, debug)
        return built[folder, debug]

    yield build_once
    for name in built.values():
        engine.images.remove(name, force=True)


@pytest.fixture(scope="module")
def start(
    engine: docker.DockerClient,
    build: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., testing.Service]]:
    """Start a service's folder in a hardened container that answers on its socket.

    With a source it is started as dev does: in debug, and with the source mounted and reloaded.
    """
    started: list[testing.Service] = []

    def start_one(folder: Path, source: Path | None = None, **environment: str) -> testing.Service:
        image = build(folder, debug=source is not None)
        sockets = tmp_path_factory.mktemp("sockets")
        started.append(testing.start(engine, image, sockets, environment, source))
        return started[-1].wait()

    yield start_one
    for service in started:
        service.remove()
