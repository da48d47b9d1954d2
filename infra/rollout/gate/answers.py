"""Explains what a service answered when it was asked for its health, and what to do."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from webstack.contract.health_check import HealthCheck


class Answer(msgspec.Struct, frozen=True):
    """Holds what came back: a status with the line that it stands in, or a problem in its place."""

    problem: str = ""
    status: int | None = None
    line: str = ""
    location: str = ""
    body: str = ""

    def __str__(self) -> str:
        """Say it in a few words: `"HTTP/1.1 302 Found" to https://shop.example.com/`."""
        line, location, body = (
            " ".join(text.split()) for text in (self.line, self.location, self.body)
        )
        if self.status is None:
            return f"no answer: {self.problem}" + (f' ("{line}")' if line else "")
        led = f" to {location}" if location else ""
        said = f" ({body})" if body else ""
        return f'"{line}"{led}{said}'


_REDIRECTS = range(300, 400)
_PROBLEMS = {
    "no socket": (
        "it does not listen on its socket",
        "have it listen on $WEBSTACK_SOCKET (gunicorn does by itself), or name the port that it "
        "listens on: port: 8000",
    ),
    "connection refused": (
        "its socket is there, but nobody listens on it",
        "its log says what became of it; an earlier start leaves a socket that is to be removed",
    ),
    "permission denied": (
        "nginx, which is another user, may not connect to its socket",
        "give the socket mode 0777, by umask 0 where it is made",
    ),
    "timed out": (
        "it took the question and did not answer in time",
        "name a page that needs less, or give each try more: health: {{timeout: 30}}; one that is "
        "still loading needs a longer start_timeout",
    ),
    "another container listens there": (
        "another container of the service has put its own socket there, as an intruder would",
        "look into what runs in the containers that serve so far, and stop them: docker stop",
    ),
    "no socket, but something else stands there": (
        "a link, a folder or a file stands where its socket should be",
        "look into what runs in its containers, or remove what makes it",
    ),
    "queue full": (
        "it takes no more connections while so many wait",
        "it hangs, or has to have more workers: workers: 4; its log may say why",
    ),
    "closed without an answer": (
        "it closed the connection, as a worker does that dies",
        "its log says why",
    ),
    "no HTTP": ("what it speaks there is no HTTP", "have it speak plain HTTP/1.1 there, no TLS"),
}
_BEHIND_RELAY = (
    "nothing listens on its port on all of its addresses",
    "have it listen on 0.0.0.0 and $PORT, not on 127.0.0.1, or mend the setting port",
)
_STATUSES = {
    400: (
        "the Host {host} is probably none that it serves (ALLOWED_HOSTS of Django)",
        "take its allowed hosts from $ALLOWED_HOSTS, or name one that it knows: "
        "health: {{host: shop.example.com}}",
    ),
    404: ("it has no such page", "name one that it has: health: /path"),
    405: ("it does not take GET there", "name a page that does: health: /path"),
    410: ("it has no such page any more", "name one that it has: health: /path"),
    429: ("it limits how often it is asked", "name a page that it does not limit: health: /path"),
    503: ("it says that it is not ready", "its log says why"),
}
_LOGIN = (
    "the page is not for everybody",
    "name one that is, or accept this: health: {{status: [{status}]}}",
)
_OWN_ERROR = (
    "the service failed",
    "its log says why; tables that its page needs are made by before_release, which runs before it "
    "is asked: before_release: [python3, manage.py, migrate, --noinput], or [flask, db, upgrade]",
)
_OWN_ERROR_BEFORE = (
    "the service failed, and before_release has not run yet",
    "its log says why; where the page needs what before_release makes, say health: "
    "{{asked: after}}",
)
_OTHER = (
    "that is not accepted",
    "name another page: health: /path, or accept it: health: {{status: [{status}]}}",
)


def meaning(answer: Answer, check: HealthCheck, *, relayed: bool = False) -> str:
    """Say in one line what a refused answer means, and what to do."""
    what, way_out = _explained(answer, check, relayed)
    page = urlsplit(answer.location).path or "/path"
    named = {"host": check.host, "status": answer.status, "page": page}
    return f"{what.format(**named)}; {way_out.format(**named)}"


def _explained(answer: Answer, check: HealthCheck, relayed: bool) -> tuple[str, str]:
    status = answer.status
    if status is None:
        if relayed and answer.problem in ("no socket", "closed without an answer"):
            return _BEHIND_RELAY
        return _PROBLEMS.get(answer.problem, ("it cannot be asked", "its log may say why"))
    if status in _REDIRECTS and answer.location:
        return _redirected(answer, check)
    if status in (401, 403):
        return _LOGIN
    if status >= 500 and status not in _STATUSES:
        return _OWN_ERROR_BEFORE if check.asked == "before" else _OWN_ERROR
    return _STATUSES.get(status, _OTHER)


def _redirected(answer: Answer, check: HealthCheck) -> tuple[str, str]:
    target = urlsplit(answer.location)
    if target.scheme == "https" and check.scheme == "http":
        return (
            "it sends whoever comes by http on to https",
            "except the path from that (SECURE_REDIRECT_EXEMPT of Django), have it asked as if by "
            "https: health: {{scheme: https}}, or accept it: health: {{status: [{status}]}}",
        )
    return (
        "it sends on to another page",
        "name the page that answers in the end: health: {page}, or accept this: health: "
        "{{status: [{status}]}}",
    )
