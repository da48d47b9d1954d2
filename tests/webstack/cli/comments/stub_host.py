"""A code host on a port of this machine, with comments, page sizes and moods."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_of-a-test"


class StubHost:
    """Answers as GitHub and GitLab do, or as it was told to for the next requests."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.moods: list[tuple[int, dict[str, str], str]] = []
        self.before_post: Callable[[], object] = lambda: None
        self.before_delete: Callable[[], object] = lambda: None
        self.me = (200, {"login": "me", "username": "me"})
        self.url = ""

    def say(self, author: str, body: str) -> None:
        who = {"login": author, "username": author}
        self.comments.append(
            {"id": len(self.comments) + 1, "user": who, "author": who, "body": body}
        )

    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def answer(self, method: str, url: str, token: str, body: Any) -> tuple[int, dict, Any]:
        path = urlsplit(url).path
        self.requests.append((method, path))
        if self.moods:
            status, headers, text = self.moods.pop(0)
            return status, headers, text
        if token != TOKEN:
            return 401, {}, {"message": "Bad credentials"}
        if path == "/user":
            return self.me[0], {}, self.me[1]
        if path.endswith("/pulls"):
            return 200, {}, self.pulls
        if method == "GET":
            query = parse_qs(urlsplit(url).query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, {}, self.comments[size * (page - 1) : size * page]
        if method == "POST":
            self.before_post()
            self.say("me", body["body"])
            return 201, {}, self.comments[-1]
        if method == "DELETE":
            self.before_delete()
        comment = next((each for each in self.comments if path.endswith(f"/{each['id']}")), None)
        if comment is None:
            return 404, {}, {"message": "Not Found"}
        if method == "DELETE":
            self.comments.remove(comment)
            return 204, {}, ""
        comment["body"] = body["body"]
        return 200, {}, comment


@contextmanager
def served(host: StubHost) -> Iterator[StubHost]:
    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("PRIVATE-TOKEN") or self.headers["Authorization"].split()[1]
            status, headers, value = host.answer(self.command, self.path, token, body)
            text = value if isinstance(value, str) else json.dumps(value)
            self.send_response(status)
            for name, said in headers.items():
                self.send_header(name, said)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_one  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield host
        server.shutdown()
