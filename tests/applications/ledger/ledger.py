"""A service on PostgreSQL: it says that a line is written only once the server has said so."""

from __future__ import annotations

import os
import signal
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psycopg

SOCKET = Path(os.environ["WEBSTACK_SOCKET"])
URL = os.environ["DATABASE_URL"]


class Ledger(BaseHTTPRequestHandler):
    """Takes lines, and gives them all."""

    def do_GET(self) -> None:
        """Greet without the database, or give all lines."""
        if self.path.removeprefix(self.headers.get("SCRIPT_NAME", "")) == "/lines":
            self.ask("SELECT coalesce(string_agg(line, chr(10)), '') FROM line")
        else:
            self.answer(200, "ok")

    def do_POST(self) -> None:
        """Write the body down as a line."""
        line = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.ask("INSERT INTO line VALUES (%s) RETURNING line", line)

    def ask(self, query: str, *values: str) -> None:
        """Answer what the server says, or 503 while it is away."""
        try:
            with psycopg.connect(URL, autocommit=True) as connection:
                [text] = connection.execute(query, values).fetchone()
        except psycopg.OperationalError as error:
            self.answer(503, str(error))
        else:
            self.answer(200, text)

    def answer(self, status: int, text: str) -> None:
        """Send a whole answer."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: nginx logs each request."""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens on the socket that the deployment names."""

    request_queue_size = 64


if __name__ == "__main__":
    if sys.argv[1:] == ["migrate"]:
        with psycopg.connect(URL, autocommit=True) as made:
            made.execute("CREATE TABLE IF NOT EXISTS line (line text)")
        sys.exit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    os.umask(0)
    SOCKET.unlink(missing_ok=True)
    with Server(str(SOCKET), Ledger) as server:
        server.serve_forever()
