"""Finds in a failed container's log the cause, and the line to add to the settings.

Only what is sure is said: each sign is a text that only one kind of failure writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from infra.settings.sections import NAMESPACE

_OUT_OF_MEMORY = "was sent SIGKILL! Perhaps out of memory?"
_END = 12
"""Lines at the end of a log that say how it is now."""
_SHELL = ("/bin/sh", "-c")
_NOT_FOUND, _NOT_RUN = 127, 126


class _Sign(NamedTuple):
    """Holds a text in a log, and what it means: ``{0}`` is a part of it, ``{key}`` the service."""

    pattern: re.Pattern[str]
    means: str


def _sign(pattern: str, means: str) -> _Sign:
    return _Sign(re.compile(pattern, re.MULTILINE), means)


_VARIABLE = (
    "it needs the variable {0}: add {0} to {key}.environment, or to {key}.secret_environment"
)
_NAME = r"([A-Z][A-Z0-9_]{2,60})"
_HOST = r"[\"']?([A-Za-z0-9._-]+)[\"']?"
_ELSEWHERE = (
    "it looks for {what} at {0}, which is not there: name the address of one that is in "
    "{key}.environment"
)
_LOW_PORT = (
    "it may not listen on port {0}: have it listen on one above 1023, and name that in {key}.port"
)
_TABLE = (
    "it has no table {0}: name the command that makes it in {key}.before_release, which runs at "
    "each release, or in {key}.init, which runs once"
)
_NO_TABLE = (
    r"no such table: ([\w.]{1,80})",
    r"relation \"([\w.]{1,80})\" does not exist",
    r"Table '([\w.]{1,80})' doesn't exist",
)
_SIGNS = (
    _sign(rf"KeyError: '{_NAME}'", _VARIABLE),
    _sign(rf"Set the {_NAME} environment variable", _VARIABLE),
    _sign(rf"UndefinedValueError: {_NAME} not found", _VARIABLE),
    _sign(rf"[Ee]nvironment variable \"?{_NAME}\"? (?:is )?not set", _VARIABLE),
    _sign(
        r"Failed to find attribute '(\w+)' in",
        "what it is to serve has no {0}: name it as module:name in {key}.app",
    ),
    _sign(
        r"Could not import module \"([\w.]+)\"",
        "there is no module {0}: name one of the image as module:name in {key}.app",
    ),
    _sign(
        r"ModuleNotFoundError: No module named '([\w.]+)'",
        "its image has no module {0}: add its package to the requirements, or name what is to be "
        "served, as module:name, in {key}.app",
    ),
    _sign(
        rf"(?:could not translate host name|connection to server at) {_HOST}",
        _ELSEWHERE.replace("{what}", "PostgreSQL"),
    ),
    _sign(rf"Can't connect to (?:MySQL )?server on {_HOST}", _ELSEWHERE.replace("{what}", "MySQL")),
    _sign(r"Error (?:-?\d+) connecting to ([\w.-]+:\d+)", _ELSEWHERE.replace("{what}", "Redis")),
    *(_sign(pattern, _TABLE) for pattern in _NO_TABLE),
    _sign(
        r"WORKER TIMEOUT \(pid:(\d+)\)",
        "its worker {0} took longer than it may: give it more seconds in {key}.timeout, or more "
        "of {key}.cpus",
    ),
    *(
        _sign(pattern, _LOW_PORT)
        for pattern in (
            r"Permission denied: \('[^']*', (\d{1,3})\)",
            r":(\d{1,3}): bind: permission denied",
            r"bind\(\) to [\d.]+:(\d{1,3}) failed \(13",
        )
    ),
    _sign(
        r"(must be (?:run|started) as root|[Yy]ou need to be root"
        r"|(?:chown|setgroups|setuid|setgid)[^\n]{0,80}not permitted)",
        "it wants to be root, which no service is: start the program itself, by {key}.command",
    ),
)
_LISTENING = re.compile(
    r"(?:Running on|Listening (?:at|on)|running on|listening on)\D{0,30}?"
    r"(?:https?://)?(127\.0\.0\.1|localhost|0\.0\.0\.0|\[::\]|\*):(\d{2,5})\b"
)


def advice(
    service: str,
    log: str,
    code: int | None = None,
    entrypoint: Sequence[str] = (),
    *,
    listens: bool = False,
) -> str:
    """Say what to do, as a part of a line; nothing if the container shows no known sign.

    ``code`` is the exit code if it has ended. ``entrypoint`` is that of its image. With ``listens``
    it runs, but listens somewhere else than on its socket.
    """
    key = f"{NAMESPACE}:services.{service}"
    looks: tuple[Callable[[], str], ...] = (
        lambda: _killed(log, key),
        lambda: _signed(log, key),
        lambda: _listening(log, key) if listens else "",
        lambda: _ended(code, key),
        lambda: _in_shell(entrypoint, key),
    )
    return next((f"; {said}" for look in looks if (said := look())), "")


def _killed(log: str, key: str) -> str:
    """Explain workers that gunicorn finds killed at the end of a log, and has not ended itself."""
    end = "\n".join(log.splitlines()[-_END:])
    if _OUT_OF_MEMORY not in end or "WORKER TIMEOUT" in end:
        return ""
    return f"its workers are killed, as happens for want of memory: give it more in {key}.memory"


def _signed(log: str, key: str) -> str:
    """Explain the last sign, since the last line of a traceback is the cause."""
    found = [
        (match.start(), sign.means.replace("{0}", match[1]).replace("{key}", key))
        for sign in _SIGNS
        for match in [*sign.pattern.finditer(log)][-1:]
    ]
    return max(found, default=(0, ""))[1]


def _listening(log: str, key: str) -> str:
    """Explain where it says that it listens: then it does not listen on its socket."""
    found = [*_LISTENING.finditer(log)]
    if not found:
        return ""
    address, port = found[-1].groups()
    if address in ("127.0.0.1", "localhost"):
        return (
            f"it listens on {address}:{port}, where nobody else reaches it: have it listen on "
            f"0.0.0.0:{port} and add {key}.port: {port}, or on $WEBSTACK_SOCKET"
        )
    return f"it listens on port {port}: add {key}.port: {port}, or have it take $WEBSTACK_SOCKET"


def _ended(code: int | None, key: str) -> str:
    if code == 0:
        return (
            "it has ended without an error, as programs do that go into the background: have it "
            f"stay in the foreground, or name another program in {key}.command"
        )
    if code in (_NOT_FOUND, _NOT_RUN):
        return f"its command is no program of the image: name one that is in {key}.command"
    return ""


def _in_shell(entrypoint: Sequence[str], key: str) -> str:
    if tuple(entrypoint[:2]) != _SHELL or len(entrypoint) != len(_SHELL) + 1:
        return ""
    return (
        "its image has an ENTRYPOINT in shell form, which takes no command and hears no SIGTERM: "
        f"write it as a list in the Dockerfile ({key}.source)"
    )
