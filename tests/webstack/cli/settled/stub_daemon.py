"""A Docker daemon at a unix socket with prepared answers, for tests without a daemon."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

LABELS = {"webstack.project": "shop", "webstack.stack": "dev"}


def container(name: str, **more: Any) -> dict[str, Any]:
    found = {"Id": name, "Labels": LABELS, "State": "running", "Status": "Up 2 hours (healthy)"}
    return {**found, "Ports": [], **more}


@dataclass
class StubDaemon:
    """The objects of the daemon; ``said`` is the output of a command in a container."""

    path: str
    containers: list[dict[str, Any]] = field(default_factory=list)
    volumes: list[dict[str, Any]] = field(default_factory=list)
    networks: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    restarts: int = 0
    said: bytes = b""
    asked: list[str] = field(default_factory=list)

    def answer(self, url: str) -> Any:
        where = url.partition("/v1.41")[2].partition("?")[0]
        known = {
            "/containers/json": self.containers,
            "/volumes": {"Volumes": self.volumes},
            "/networks": self.networks,
            "/images/json": self.images,
        }
        if where.endswith("/exec"):
            return {"Id": "e1"}
        return known.get(where, {"RestartCount": self.restarts})


@contextmanager
def stub_daemon(folder: Path) -> Iterator[StubDaemon]:
    daemon = StubDaemon(str(folder / "docker.sock"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            daemon.asked.append(self.path)
            self.send(json.dumps(daemon.answer(self.path)).encode())

        def do_POST(self) -> None:
            daemon.asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/start"):
                pieces = [daemon.said[at : at + 7] for at in range(0, len(daemon.said), 7)]
                self.send(b"".join(b"\1\0\0\0" + len(p).to_bytes(4, "big") + p for p in pieces))
            else:
                self.send(json.dumps(daemon.answer(self.path)).encode())

        def send(self, body: bytes) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def address_string(self) -> str:
            return "unix"

    class Server(ThreadingMixIn, UnixStreamServer):
        daemon_threads = True

    with Server(daemon.path, Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield daemon
        server.shutdown()
