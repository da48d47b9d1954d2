"""A service in plain Python: a page with static files, notes that it keeps, and its health."""

from __future__ import annotations

import contextlib
import os
import signal
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import FrameType

NOTES = Path("/data/notes")
SOCKET = Path(os.environ["WEBSTACK_SOCKET"])
PAGE = """<!doctype html>
<title>{service}</title>
<link rel="stylesheet" href="{prefix}/static/site.0a1b2c3d4e5f.css">
<script src="{prefix}/static/site.0f1e2d3c4b5a.js" defer></script>
<h1>Hello, World!</h1>
"""


class Page(BaseHTTPRequestHandler):
    """Answers the requests of the tests."""

    def do_GET(self) -> None:
        prefix = self.headers.get("SCRIPT_NAME", "")
        path = self.path.removeprefix(prefix)
        if path in ("/healthz", "/readyz"):
            self.answer(200, "ok")
        elif path == "/notes":
            self.answer(200, NOTES.read_text() if NOTES.exists() else "")
        elif path == "/":
            service = os.environ["WEBSTACK_SERVICE"]
            self.answer(200, PAGE.format(prefix=prefix, service=service))
        else:
            self.answer(404, "there is no such page")

    def answer(self, status: int, text: str) -> None:
        """Send a whole answer."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: nginx logs each request."""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens on the socket that the deployment names."""

    daemon_threads = False


def stop(_signal: int, _frame: FrameType | None) -> None:
    """Stop the service once the running requests are answered."""
    sys.exit()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    os.umask(0)
    SOCKET.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # without a volume nothing can be written
        NOTES.touch()
    with Server(str(SOCKET), Page) as server:
        server.serve_forever()
