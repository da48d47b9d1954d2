"""A service that keeps lines, and confirms each one only after its server has confirmed it."""

from __future__ import annotations

import os
import signal
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import jobs
import psycopg
import redis

SOCKET = Path(os.environ["WEBSTACK_SOCKET"])
URL = os.environ["DATABASE_URL"]


class Ledger(BaseHTTPRequestHandler):
    """Takes lines, and gives them all back."""

    def do_GET(self) -> None:
        """Greet, or give all lines of the database or of the queue, or use the cache."""
        if self.place == "/lines":
            self.ask("SELECT coalesce(string_agg(line, chr(10)), '') FROM line")
        elif self.place == "/queue":
            self.answer_valkey("BROKER_URL", "lrange", "lines", 0, -1)
        elif self.place == "/count":
            self.answer_valkey("CACHE_URL", "incr", "count")
        else:
            self.answer(200, "ok")

    def do_POST(self) -> None:
        """Keep the body as a line, in the database or in the queue."""
        line = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.place == "/queue":
            self.answer_valkey("BROKER_URL", "rpush", "lines", line)
        elif self.place == "/jobs":
            jobs.app.send_task(*(("fail",) if line == "fail" else (jobs.TASK, [line])))
            self.answer(200, line)
        else:
            self.ask("INSERT INTO line VALUES (%s) RETURNING line", line)

    @property
    def place(self) -> str:
        """Give the path below that of the service."""
        return self.path.removeprefix(self.headers.get("SCRIPT_NAME", ""))

    def answer_valkey(self, variable: str, command: str, *words: str | int) -> None:
        """Answer with the result of a Valkey server, or 503 while the server is away."""
        url = os.environ[variable].replace("redis+socket://", "unix://")
        try:
            with redis.from_url(url, decode_responses=True) as valkey:
                said = getattr(valkey, command)(*words)
        except redis.RedisError as error:
            self.answer(503, str(error))
        else:
            self.answer(200, "\n".join(said) if isinstance(said, list) else str(said))

    def ask(self, query: str, *values: str) -> None:
        """Answer with the result of the database, or 503 while the database is away."""
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
