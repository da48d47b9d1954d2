"""An image registry in memory, enough for Docker to push to and pull from."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StubRegistry:
    """Serves on a port of this machine; with ``user`` it wants that login, as basic or a token."""

    def __init__(
        self,
        user: tuple[str, str] | None = None,
        *,
        by_token: bool = False,
        encrypted: ssl.SSLContext | None = None,
    ) -> None:
        self.user = user
        self.by_token = by_token
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.registry = self
        if encrypted:
            self._server.socket = encrypted.wrap_socket(self._server.socket, server_side=True)
        self.name = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def put(self, repository: str, tag: str, content: bytes = b"{}") -> str:
        """Store an image; gives its digest."""
        digest = digest_of(content)
        for reference in (tag, digest):
            self.manifests[f"{repository}/{reference}"] = ("application/json", content)
        return digest

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def registry(self) -> StubRegistry:
        return self.server.registry

    def do(self) -> None:
        self.registry.requests.append(f"{self.command} {self.path}")
        if self.path.startswith("/token"):
            return self._give_token()
        if not self._may():
            return self._ask_for_login()
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, self.path.partition("?")[0])
            if found and method == self.command:
                return answer(self, *found.groups())
        return self.send(404)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = do  # noqa: N815

    def send(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _login(self) -> str:
        user = ":".join(self.registry.user or ())
        return f"Basic {base64.b64encode(user.encode()).decode()}"

    def _may(self) -> bool:
        wanted = "Bearer let-me-in" if self.registry.by_token else self._login()
        return self.registry.user is None or self.headers.get("Authorization") == wanted

    def _ask_for_login(self) -> None:
        self.body()
        realm = f'Bearer realm="http://{self.registry.name}/token",service="stub"'
        self.send(401, WWW_Authenticate=realm if self.registry.by_token else 'Basic realm="stub"')

    def _give_token(self) -> None:
        if self.headers.get("Authorization") != self._login():
            return self.send(401)
        return self.send(200, json.dumps({"token": "let-me-in"}).encode())

    def ping(self) -> None:
        self.send(200, b"{}")

    def see_blob(self, digest: str) -> None:
        content = self.registry.blobs.get(digest)
        if content is None:
            return self.send(404)
        return self.send(200, content, Docker_Content_Digest=digest)

    def begin(self, repository: str) -> None:
        self.body()
        upload = uuid.uuid4().hex
        self.registry.blobs[upload] = b""
        location = f"http://{self.registry.name}/v2/{repository}/blobs/uploads/{upload}"
        self.send(202, Location=location, Docker_Upload_UUID=upload, Range="0-0")

    def go_on(self, repository: str, upload: str) -> None:
        self.registry.blobs[upload] += self.body()
        location = f"http://{self.registry.name}/v2/{repository}/blobs/uploads/{upload}"
        end = max(len(self.registry.blobs[upload]) - 1, 0)
        self.send(202, Location=location, Range=f"0-{end}", Docker_Upload_UUID=upload)

    def complete(self, repository: str, upload: str) -> None:
        content = self.registry.blobs.pop(upload) + self.body()
        self.registry.blobs[digest_of(content)] = content
        self.send(201, Docker_Content_Digest=digest_of(content), Location="/")

    def see_manifest(self, repository: str, reference: str) -> None:
        found = self.registry.manifests.get(f"{repository}/{reference}")
        if found is None:
            return self.send(404)
        kind, content = found
        return self.send(200, content, Content_Type=kind,
                         Docker_Content_Digest=digest_of(content))  # fmt: skip

    def put_manifest(self, repository: str, reference: str) -> None:
        content = self.body()
        for name in (reference, digest_of(content)):
            self.registry.manifests[f"{repository}/{name}"] = (
                self.headers["Content-Type"],
                content,
            )
        self.send(201, Docker_Content_Digest=digest_of(content), Location="/")

    def delete_manifest(self, repository: str, reference: str) -> None:
        gone = self.registry.manifests.pop(f"{repository}/{reference}", None)
        self.send(202 if gone else 404)

    def log_message(self, *arguments: object) -> None:
        pass


UPLOAD = r"/v2/(.+)/blobs/uploads/(\w+)"
MANIFEST = r"/v2/(.+)/manifests/(.+)"
ROUTES = [
    ("GET", "/v2/", _Handler.ping),
    ("HEAD", r"/v2/.+/blobs/(sha256:\w+)", _Handler.see_blob),
    ("GET", r"/v2/.+/blobs/(sha256:\w+)", _Handler.see_blob),
    ("POST", r"/v2/(.+)/blobs/uploads/", _Handler.begin),
    ("PATCH", UPLOAD, _Handler.go_on),
    ("PUT", UPLOAD, _Handler.complete),
    ("HEAD", MANIFEST, _Handler.see_manifest),
    ("GET", MANIFEST, _Handler.see_manifest),
    ("PUT", MANIFEST, _Handler.put_manifest),
    ("DELETE", MANIFEST, _Handler.delete_manifest),
]
