from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from infra.base_images import BaseNames
from proxy import Redirect, RoutedService, Site
from tests.proxy.containers import PYTHON, Town, put, run

CONTEXT = Path(__file__).parents[2] / "proxy"
IMAGE = "wsprox-proxy:tests"

SITE = Site(
    hosts=("site.test",),
    http_words='map $host $own_place { default "location"; }',
    redirect_hosts=(("www.site.test", "site.test"),),
    redirects=(
        Redirect("/old", "/new"),
        Redirect("/moved/*", "/there/*", 302),
        Redirect("/away/*", "https://docs.example.org/*"),
    ),
    backends=(
        RoutedService(
            "plain", path="/", hosts=("plain.test",), static=True, timeout=1, body_limit=1
        ),
        RoutedService("second", replicas=2, path="/second", static=True, timeout=2, body_limit=20),
        RoutedService("absent", path="/absent", static=True),
        RoutedService("apart", hosts=("apart.test", "*.apart.test")),
        RoutedService(
            "cut", path="/cut", strip_prefix=True, redirects=(Redirect("/gone", "/here"),)
        ),
        RoutedService(
            "shared",
            path="/shared",
            scope_cookies=False,
            location_words="add_header X-Own $own_place;",
        ),
    ),
)


@pytest.fixture(scope="session")
def engine(base_images: BaseNames) -> Iterator[docker.DockerClient]:
    """Give a client of the Docker daemon, which has the base images."""
    client = docker.from_env(version="auto")
    yield client
    client.close()


@pytest.fixture(scope="session")
def proxy_image(engine: docker.DockerClient) -> str:
    """Build the proxy's image from the sources as they are."""
    engine.images.build(path=str(CONTEXT), tag=IMAGE, buildargs={"PYTHON": PYTHON}, rm=True)
    return IMAGE


@pytest.fixture(scope="session")
def town(engine: docker.DockerClient, proxy_image: str) -> Iterator[Town]:
    """Give room for containers that go away at the end of the run."""
    made = Town(engine, proxy_image)
    yield made
    made.clear()


@pytest.fixture(scope="session")
def nginx(town: Town) -> Container:
    """Start one nginx that serves `SITE`, with every service except "absent" running."""
    town.holder()
    container = town.nginx(SITE)
    town.service("plain")
    for name in ("apart", "cut", "shared"):
        town.service(name)
        town.switch(container, name)
    for replica in range(2):
        town.service("second", replica)
        town.switch(container, "second", replica)
    town.switch(container, "plain")
    town.configure(container, SITE)
    run(container, "mkdir -p /srv/static/plain/css /srv/static/second")
    style = "/srv/static/plain/css/app.0123456789ab.css"
    files = {
        style: b"body{}" * 500,
        f"{style}.gz": b"as gzip",
        f"{style}.br": b"as brotli",
        "/srv/static/plain/app.css": b"no hash",
        "/srv/static/second/logo-0a1b2c3d.svg": b"<svg/>",
        "/srv/static/secret.0123456789ab.txt": b"secret",
    }
    for path, content in files.items():
        put(container, path, content)
    return container


@pytest.fixture(scope="session")
def address(town: Town, nginx: Container) -> str:
    """Give the address at which that nginx listens."""
    return town.address()
