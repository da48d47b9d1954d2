"""Requests to a code host carry the right headers over the network."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from webstack.cli.comments import http
from webstack.cli.comments.http import HostError, over_the_network

SECRET = {"Authorization": "Bearer t", "PRIVATE-TOKEN": "t"}


class Handler(BaseHTTPRequestHandler):
    """Notes the headers of requests, and answers or redirects."""

    seen: list[Mapping[str, str]]
    to: str = ""
    body: bytes = b"{}"

    def do_GET(self) -> None:
        self.seen.append(dict(self.headers))
        if self.to and self.path == "/":
            self.send_response(302)
            self.send_header("Location", self.to)
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Any]:
    servers = []

    def start(**more: Any) -> tuple[str, list[Mapping[str, str]]]:
        seen: list[Mapping[str, str]] = []
        handler = type("Own", (Handler,), {"seen": seen, **more})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}", seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_no_token_is_taken_to_another_host(serve: Any):
    elsewhere, seen = serve(body=b"file")
    here, _ = serve(to=elsewhere)
    assert over_the_network("GET", f"{here}/", SECRET, None).body == b"file"
    assert not {"Authorization", "Private-Token", "Private-token"} & seen[0].keys()


def test_on_the_same_host_it_goes_along(serve: Any):
    here, seen = serve(to="/moved")
    assert over_the_network("GET", f"{here}/", SECRET, None).status == 200
    assert seen[1]["Authorization"] == "Bearer t"


def test_an_answer_without_an_end_is_one_line(serve: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "LARGEST", 100)
    here, _ = serve(body=b"x" * 101)
    with pytest.raises(HostError, match="the answer is larger than"):
        over_the_network("GET", here, {}, None)
