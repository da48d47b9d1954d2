"""Sends requests to a code host, and decides what follows when it does not answer well.

What is asked again is decided here, since urllib3's Retry sees neither a limit that GitHub tells in
words alone, nor when that ends, and would wait for as long as a host says.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from webstack.cli.terminal.errors import OpsError

ATTEMPTS = 4
LONGEST_WAIT = 60.0
_TIMEOUT = 30
LARGEST = 32 * 2**20


class HostError(OpsError):
    """Reports that a code host did not do what it was asked."""


class ForbiddenError(HostError):
    """Reports that the token is good, but may not do this."""


class GoneError(HostError):
    """There is no such thing, or the token may not see it."""


class Answer(msgspec.Struct, frozen=True):
    """Holds an HTTP response; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends one request."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """Give the answer, whatever its status; raises OSError where there is none."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Takes no token to another host: files are often kept by somebody else."""

    def redirect_request(
        self, req: urllib.request.Request, *args: Any, **more: Any
    ) -> urllib.request.Request | None:
        """Give the request that follows, without headers where it goes elsewhere."""
        following = super().redirect_request(req, *args, **more)
        if following and (following.type, following.host) != (req.type, req.host):
            following.headers.clear()
        return following


_OPENER = urllib.request.build_opener(_Redirects)


def over_the_network(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """Send one request, over https, or http for a host of one's own."""
    try:
        # Whatever its scheme is: others than the web's are refused below, before it is sent.
        request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310
    except ValueError:
        raise HostError(f"{url} is no web address") from None
    if request.type not in ("http", "https"):
        raise HostError(f"{url} is no web address")
    try:
        with _OPENER.open(request, timeout=_TIMEOUT) as response:
            return _answer(response.status, response)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error)
    except http.client.InvalidURL:
        raise HostError(f"{url} is no web address") from None
    except http.client.HTTPException as error:
        raise OSError(f"it does not speak HTTP ({type(error).__name__})") from None
    except ValueError:  # it would quote the token
        raise HostError("the token has characters that no token has", "set it anew") from None


def _answer(status: int, response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = response.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise HostError(f"the answer is larger than {LARGEST >> 20} MiB", "ask for less")
    return Answer(status, headers, body)


class Client(msgspec.Struct, frozen=True):
    """Speaks JSON with the API of one code host; raises HostError, in one line."""

    title: str
    address: str
    headers: Mapping[str, str]
    send: Transport = over_the_network

    def get(self, path: str) -> Any:
        """Read something; asked again when the host is busy."""
        return self._value(self._asked("GET", path, None, again=True))

    def download(self, path: str) -> bytes:
        """Read a file."""
        return self._asked("GET", path, None, again=True).body

    def put(self, method: str, path: str, value: Any) -> Any:
        """Replace something; asked again, since twice is as good as once."""
        return self._value(self._asked(method, path, value, again=True))

    def delete(self, path: str) -> None:
        """Remove something; what is gone already was removed by somebody else."""
        with suppress(GoneError):
            self._asked("DELETE", path, None, again=True)

    def post(self, path: str, value: Any) -> Any:
        """Add something; asked again only where the host says that it has not done it."""
        return self._value(self._asked("POST", path, value, again=False))

    def _asked(self, method: str, path: str, value: Any, *, again: bool) -> Answer:
        body = None if value is None else json.dumps(value).encode()
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        for attempt in range(1, ATTEMPTS + 1):
            wait = float(2**attempt)
            try:
                answer = self.send(method, self.address + path, headers, body)
            except OSError as error:
                if not again or attempt == ATTEMPTS:
                    raise HostError(f"{self.title} cannot be reached: {_reason(error)}") from None
            else:
                if answer.status < 300:
                    return answer
                limited = is_limited(answer)
                if not (limited or (again and answer.status >= 500)) or attempt == ATTEMPTS:
                    raise self._refused(answer)
                wait = max(wait, _asked_to_wait(answer)) if limited else wait
                if wait > LONGEST_WAIT:
                    raise self._refused(answer)
            time.sleep(wait)
        raise AssertionError("the last attempt raises or returns")

    def _value(self, answer: Answer) -> Any:
        try:
            return json.loads(answer.body) if answer.status != 204 else None
        except (ValueError, RecursionError):
            raise HostError(f"{self.title} answered with something that is no JSON") from None

    def _refused(self, answer: Answer) -> HostError:
        """Say what is wrong, and what to do."""
        status = f"{self.title} answered {answer.status}"
        if is_limited(answer):
            seconds = _asked_to_wait(answer)
            later = f"in {seconds:.0f} s" if seconds else "later"
            return HostError(f"{status}: too many requests", f"try again {later}")
        if answer.status == 401:
            return HostError(f"{status}: the token is wrong or has expired", "give it a new one")
        if answer.status == 403:
            return ForbiddenError(
                f"{status}: the token may not do this", "let it write to pull requests"
            )
        if answer.status == 404:
            return GoneError(
                f"{status}: no such pull request, or the token may not see it", "check both"
            )
        if answer.status >= 500:
            return HostError(f"{status}: it is out of order", "try again later")
        return HostError(f"{status}: {_message(answer)}", "nothing was written")


def is_limited(answer: Answer) -> bool:
    """Tell whether it means: not now; GitHub's limit on writing may be told in words alone."""
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    told = spent or "retry-after" in answer.headers or b"rate limit" in answer.body.lower()
    return answer.status == 429 or (answer.status == 403 and told)


def _asked_to_wait(answer: Answer) -> float:
    """Return the seconds that the host asks for; 0 where it says nothing."""
    after = answer.headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    reset = answer.headers.get("x-ratelimit-reset", "")
    return max(0.0, float(reset) - time.time()) if reset.isdigit() else 0.0


def _message(answer: Answer) -> str:
    try:
        said = json.loads(answer.body)
        text = str(said.get("message") or said.get("error") or said)
    except (ValueError, AttributeError):
        text = answer.body.decode(errors="replace")
    return " ".join(text.split())[:200]


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", "") or error)
