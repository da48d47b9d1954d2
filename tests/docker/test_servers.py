"""Each application server serves under a path, talks over WebSockets, and rolls without a loss."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from tests.deployment import Deployment, copied
from webstack.contract.application_servers import ASGI

pytestmark = pytest.mark.docker

DOCKERFILE = """\
ARG PYTHON
ARG PYTHON_BUILD
FROM ${PYTHON_BUILD} AS build
RUN python3 -m venv --without-pip /opt/venv \
 && VIRTUAL_ENV=/opt/venv pip install --only-binary :all: \
    uvicorn==0.54.0 websockets granian==2.8.9 gunicorn==27.0.1 hypercorn==0.18.0 daphne==4.2.3
FROM ${PYTHON}
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY echo.py .
CMD ["false"]
"""
ECHO = """\
import json, os
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
        return
    said = {"path": scope["path"], "root": scope["root_path"], "turn": os.environ["TURN"]}
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send(start)
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
"""
HELLO = b"\x81\x85\0\0\0\0hello"
"""A WebSocket text frame with an empty mask, since frames of clients have to be masked."""

UPGRADE = (
    "GET /{name}/talk HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up a stack with one service for each server, all of one source."""
    with copied(tmp_path_factory.mktemp("servers") / "project") as deployment:
        source = deployment.root / "services" / "echo"
        source.mkdir()
        (source / "Dockerfile").write_text(DOCKERFILE)
        (source / "echo.py").write_text(ECHO)
        deployment.change_settings(partial(serve, ASGI))
        deployment.up()
        yield deployment


def serve(names: Sequence[str], config: dict[str, Any]) -> None:
    config["webstack:services"] = {
        name: {
            **{"source": "services/echo", "path": f"/{name}", "app": "echo:app", "server": name},
            **{"environment": {"TURN": "1"}, "health": "/", "grace": 5, "workers": 1},
        }
        for name in names
    }


def told(project: Deployment, name: str) -> dict[str, str]:
    """Give what a service says of a request for /NAME/deep."""
    said: dict[str, str] = json.loads(project.get(f"/{name}/deep").text)
    return said


def talk(project: Deployment, name: str) -> socket.socket:
    """Open a WebSocket of a service that has sent back one message already."""
    connection = socket.create_connection(("127.0.0.1", project.port), timeout=20)
    connection.sendall(UPGRADE.format(name=name).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, head
        head += byte
    assert head.startswith(b"HTTP/1.1 101 "), head
    assert echoed(connection)
    return connection


def echoed(connection: socket.socket) -> bool:
    connection.sendall(HELLO)
    return connection.recv(7) == b"\x81\x05hello"


def test_a_request_and_a_socket_come_to_the_application_as_its_path_says(project: Deployment):
    for name in ASGI:
        assert told(project, name) == {"path": f"/{name}/deep", "root": f"/{name}", "turn": "1"}
        talk(project, name).close()


def test_a_release_loses_no_request_and_ends_sockets_when_their_time_is_over(project: Deployment):
    failed: list[str] = []
    done: dict[str, int] = dict.fromkeys(ASGI, 0)
    over = threading.Event()

    def ask(name: str) -> None:
        while not over.is_set():
            try:
                told(project, name)
                done[name] += 1
            except (OSError, ValueError) as error:
                failed.append(f"{name}: {error!r}")
            time.sleep(0.1)

    def next_turn(config: dict[str, Any]) -> None:
        for service in config["webstack:services"].values():
            service["environment"]["TURN"] = "2"

    sockets = {name: talk(project, name) for name in ASGI}
    clients = [threading.Thread(target=ask, args=(name,)) for name in ASGI]
    for client in clients:
        client.start()
    project.change_settings(next_turn)
    project.up()
    over.set()
    for client in clients:
        client.join()
    assert failed == []
    assert min(done.values()) > 20
    for name, connection in sockets.items():
        assert told(project, name)["turn"] == "2"
        assert ended(connection), name
        talk(project, name).close()


def ended(connection: socket.socket) -> bool:
    """Tell whether a WebSocket comes to its end, whatever its server sends before."""
    with connection:
        while connection.recv(64):
            pass
    return True


def test_a_server_that_the_image_lacks_is_told_in_the_first_release(project: Deployment):
    file = project.root / "services" / "echo" / "Dockerfile"
    file.write_text(DOCKERFILE.replace("granian==2.8.9 ", ""))
    done = project.webstack("up", "--yes", check=False)
    assert done.returncode == 1
    assert "granian is not in the image of granian: add it to its requirements" in done.stdout
    assert told(project, "granian")["path"] == "/granian/deep", "the release before serves on"
