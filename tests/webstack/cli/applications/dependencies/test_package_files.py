"""A package index is asked for files, and its pages are read."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from webstack.cli.applications.dependencies.package_files import index_files, read_page, unpacked

JSON = "application/vnd.pypi.simple.v1+json"


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        (json.dumps({"files": [{"filename": "a-1.0.tar.gz", "url": "x"}]}), JSON, ["a-1.0.tar.gz"]),
        ('<a href="../x/a-1.whl#sha256=0">a-1-py3-none-any.whl</a>', "text/html",
         ["a-1-py3-none-any.whl"]),
        ("{", JSON, []),
        ("[]", JSON, []),
        ("<a>" * 1000, "text/html", []),
    ],
)  # fmt: skip
def test_a_page_of_an_index(body: str, kind: str, found: list[str]):
    assert read_page(body.encode(), kind) == found


def test_what_is_packed_is_unpacked():
    assert unpacked(gzip.compress(b"abc")) == b"abc"
    assert unpacked(b"abc") == b""


class _Index(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/simple/known/"
        body = gzip.compress(json.dumps({"files": [{"filename": "known-1.tar.gz"}]}).encode())
        self.send_response(200 if known else 500 if "broken" in self.path else 404)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    """Serve an index with one package; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/simple/"
    server.shutdown()
    server.server_close()


def test_an_index_is_asked_for_each_package(index: str):
    environ = {"UV_DEFAULT_INDEX": index}
    assert index_files(["known", "other"], environ) == {"known": ["known-1.tar.gz"], "other": []}
    assert index_files([], environ) == {}
    with pytest.raises(OSError, match="500"):
        index_files(["broken"], environ)


def test_without_an_index_there_is_no_answer(index: str):
    with pytest.raises(OSError, match="no package index"):
        index_files(["known"], {"UV_NO_INDEX": "1"})
    with pytest.raises(OSError, match="no web address"):
        index_files(["known"], {"UV_DEFAULT_INDEX": "file:///srv/simple"})
