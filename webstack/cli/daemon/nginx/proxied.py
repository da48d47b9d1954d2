"""Asks nginx for an address, from within, and reads in its log what it did with that."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import SplitResult

import msgspec

from webstack.cli.daemon.nginx.access_log import last_lines
from webstack.cli.terminal.errors import OpsError
from webstack.contract import container_paths

CONFIGURATION: Final = "/etc/webstack/nginx.conf"
_LOGGED_WITHIN = 4.0
_LATELY = 300
_KEPT = frozenset(("GET", "HEAD"))
# It never leaves the machine, and whose certificate it is, is looked at elsewhere.
_PROGRAM: Final = """
import http.client, json, ssl, sys
scheme, port, method, target, headers = json.loads(sys.argv[1])
if scheme == "https":
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = http.client.HTTPSConnection(headers["Host"].rpartition(":")[0], port, context=context)
    client._create_connection = lambda _, *more: __import__("socket").create_connection(
        ("127.0.0.1", port), 30)
else:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
try:
    client.request(method, target, headers=headers)
    answer = client.getresponse()
    size = len(answer.read())
    said = {"status": answer.status, "reason": answer.reason, "size": size,
            "headers": answer.getheaders()}
except (OSError, http.client.HTTPException) as error:
    said = {"problem": str(error) or type(error).__name__}
print(json.dumps(said))
"""


class Asked(msgspec.Struct, frozen=True):
    """Holds a request: an address without its fragment, a method, and headers of the client."""

    address: SplitResult
    method: str
    headers: Mapping[str, str]

    @property
    def target(self) -> str:
        """Give the address as it stands in the request."""
        query = f"?{self.address.query}" if self.address.query else ""
        return f"{self.address.path or '/'}{query}"


class Given(msgspec.Struct, frozen=True):
    """Holds what came back, or the ``problem`` on the way."""

    status: int = 0
    reason: str = ""
    size: int = 0
    headers: Sequence[tuple[str, str]] = ()
    problem: str = ""


class Logged(msgspec.Struct, frozen=True):
    """Holds what nginx's line of the log says of a request."""

    service: str = ""
    upstream: str = ""
    upstream_status: str = ""
    upstream_seconds: str = ""
    cache: str = ""


def given(api: Any, release: Mapping[str, Any], asked: Asked, request_id: str) -> Given:
    """Ask within the network of a listener; raises OpsError if nobody can ask there."""
    encrypted = asked.address.scheme == "https"
    holder = release.get("tls_holder" if encrypted else "holder")
    if not holder:
        raise OpsError(
            f"nothing listens for {asked.address.scheme}", "look at webstack:tls and `webstack up`"
        )
    port = container_paths.TLS_PORT if encrypted else container_paths.PORT
    headers = {"Host": asked.address.netloc, "X-Request-ID": request_id, **asked.headers}
    words = json.dumps([asked.address.scheme, port, asked.method, asked.target, headers])
    return msgspec.json.decode(run(api, holder, "python3", "-c", _PROGRAM, words), type=Given)


def run(api: Any, container: str, *command: str) -> bytes:
    """Run a command in a container and give its output; raises OpsError if it fails."""
    job = api.exec_create(container, list(command))["Id"]
    output = bytes(api.exec_start(job))
    if api.exec_inspect(job)["ExitCode"]:
        said = output.decode(errors="replace").strip()
        raise OpsError(f"{command[0]} failed in {container}: {said}", "look at `webstack status`")
    return output


def logged(api: Any, proxy: str, request_id: str) -> Logged | None:
    """Give nginx's line of a request, which comes a moment later; None if none comes."""
    end = time.monotonic() + _LOGGED_WITHIN
    while time.monotonic() < end:
        if found := line_of(last_lines(api, proxy, _LATELY), request_id):
            return found
        time.sleep(0.3)
    return None


def line_of(lines: Iterable[bytes], request_id: str) -> Logged | None:
    """Find the line of a request."""
    for line in lines:
        if request_id.encode() in line:
            try:
                return msgspec.json.decode(line, type=Logged)
            except msgspec.DecodeError:
                continue
    return None


def told(asked: Asked, given: Given, line: Logged | None, configuration: str) -> Iterator[str]:
    """Say what became of a request, one topic a line."""
    if given.problem:
        yield f"answer   none: {given.problem}"
        return
    yield f"answer   {given.status} {given.reason}, {given.size} bytes"
    if line is None:
        yield "route    not in the log of nginx: it is busy"
    elif not line.service:
        yield "route    to no service: the host, a redirect or nginx itself answered"
    else:
        yield f"route    {line.service}"
        if line.upstream:
            took = f"{line.upstream_status} in {line.upstream_seconds} s"
            yield f"asked    {line.upstream.rpartition('/')[2]}: {took}"
        yield from _cached(asked, line, configuration)
    yield from (f"header   {name}: {value}" for name, value in given.headers)


def _cached(asked: Asked, line: Logged, configuration: str) -> Iterator[str]:
    key = cache_key(configuration, line.service)
    if key is None:
        yield f"cache    none: the service {line.service} has no setting cache"
    elif line.cache:
        yield f"cache    {line.cache.lower()}, by {key}"
    else:
        yield f"cache    passed by: {_reason(asked)}"


def _reason(asked: Asked) -> str:
    if asked.method not in _KEPT:
        return f"{asked.method} is never answered from memory"
    named = {name.lower() for name in asked.headers}
    if "authorization" in named:
        return "Authorization says who asks"
    if "cookie" in named:
        return "a cookie says who asks"
    return "it is a file, a stream, or what nginx itself answers"


def cache_key(configuration: str, service: str) -> str | None:
    """Give what answers of a service are kept by, in words of nginx; None if none is kept."""
    place = re.search(
        rf"location @{re.escape(service)}-cached \{{.*?proxy_cache_key \"([^\"]*)\";",
        configuration,
        re.DOTALL,
    )
    return place[1].replace("\\n", " ") if place else None
