"""Reads and writes small files of a bucket, by the protocol of S3 (signature version 4)."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import quote

import msgspec

from webstack.cli.terminal.errors import OpsError

_SCHEME = "AWS4-HMAC-SHA256"
_TIMEOUT = 30
_TRIES = 3
_LARGEST = 256 * 2**20
_SAID = 200


class Bucket(msgspec.Struct, frozen=True):
    """One bucket, and the keys to it; by the style ``host`` it is in the host's name.

    ``authority`` is a certificate that its server is trusted by, PEM.
    """

    endpoint: str
    bucket: str
    key: str
    secret: str
    region: str = "us-east-1"
    style: str = "host"
    verify: bool = True
    authority: str = ""

    def __repr__(self) -> str:
        """Show where it is, and no key."""
        return f"Bucket({self.endpoint}/{self.bucket})"

    @property
    def host(self) -> str:
        """Give the host, and the port if it is not 443, that requests go to."""
        return f"{self.bucket}.{self.endpoint}" if self.style == "host" else self.endpoint

    def path(self, name: str) -> str:
        """Give the path of a file, escaped."""
        inside = f"/{self.bucket}" if self.style == "path" else ""
        return quote(f"{inside}/{name}", safe="/-._~")

    def read(self, name: str) -> bytes | None:
        """Give a file's content; None where there is no such file. Raises OpsError."""
        status, content = self._asked("GET", name, b"")
        return None if status == http.client.NOT_FOUND else content

    def write(self, name: str, content: bytes) -> None:
        """Write a whole file; raises OpsError."""
        self._asked("PUT", name, content)

    def _asked(self, method: str, name: str, body: bytes) -> tuple[int, bytes]:
        last = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(2**attempt)
            try:
                status, content = self._once(method, name, body)
            except (OSError, http.client.HTTPException) as error:
                last = str(error) or type(error).__name__
                continue
            if status < http.client.MULTIPLE_CHOICES or status == http.client.NOT_FOUND:
                return status, content
            last = f"it answers {status}: {content[:_SAID].decode(errors='replace')}"
            if status < http.client.INTERNAL_SERVER_ERROR:
                break
        raise OpsError(
            f"the bucket {self.bucket} of {self.endpoint} cannot be used: {' '.join(last.split())}",
            "see s3 in webstack:backups, or in webstack:postgres.backups",
        )

    def _once(self, method: str, name: str, body: bytes) -> tuple[int, bytes]:
        context = ssl.create_default_context(cadata=self.authority or None)
        if not self.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self.host, timeout=_TIMEOUT, context=context)
        try:
            path, now = self.path(name), datetime.now(timezone.utc)
            connection.request(method, path, body, dict(self.signed(method, path, body, now)))
            answer = connection.getresponse()
            return answer.status, answer.read(_LARGEST)
        finally:
            connection.close()

    def signed(self, method: str, path: str, body: bytes, now: datetime) -> Mapping[str, str]:
        """Give the headers of a request, its signature among them."""
        digest = hashlib.sha256(body).hexdigest()
        headers = {
            "host": self.host,
            "x-amz-content-sha256": digest,
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        }
        names = ";".join(headers)
        told = "".join(f"{name}:{value}\n" for name, value in headers.items())
        place, _, query = path.partition("?")
        request = "\n".join([method, place, query, told, names, digest])
        scope = f"{now:%Y%m%d}/{self.region}/s3/aws4_request"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join([_SCHEME, headers["x-amz-date"], scope, hashed])
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = _hashed(key, part)
        signature = _hashed(key, text).hex()
        by = f"Credential={self.key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "authorization": f"{_SCHEME} {by}"}


def _hashed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
