"""Keeps the certificate; with an argument, ``python3 -m keeper SECONDS``, asks for one now.

The latter waits for what comes of it, and prints that in one line.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from keeper import place
from keeper.hook import Hook
from keeper.keeping import Keeper
from keeper.ordering import Directory

_LOOK = 30.0
_GLANCE = 0.5


def directory() -> Directory:
    """Describe the directory that the environment names."""
    authority = None
    if text := os.environ.get("ACME_AUTHORITY"):
        authority = Path("/tmp/authority.pem")  # noqa: S108 - the container's own
        authority.write_text(text)
    hook = None
    if text := os.environ.get("ACME_HOOK"):
        hook = Hook(Path("/tmp/hook.py"))  # noqa: S108 - the container's own
        hook.file.write_text(text)
    names = ("ACME_DIRECTORY", "ACME_EMAIL", "ACME_PROFILE")
    url, email, profile = (os.environ.get(name, "") for name in names)
    return Directory(url, email, profile, authority, hook)


def keep() -> None:
    """Look at the certificate every half minute, and at once where somebody asks."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keeper = Keeper(directory(), os.environ["HOSTS"].split(","))
    seen = _asked()
    _look(keeper, asked=False)
    last = time.monotonic()
    while True:
        time.sleep(_GLANCE)
        asked = _asked()
        if asked != seen or time.monotonic() - last > _LOOK:
            _look(keeper, asked=asked != seen)
            seen, last = asked, time.monotonic()


def _look(keeper: Keeper, *, asked: bool) -> None:
    before = keeper.error
    try:
        keeper.look(asked=asked)
    except OSError as error:  # such as a full disk: what nginx has goes on being served
        keeper.error = str(error)
    if keeper.error and keeper.error != before:
        print(f"no certificate: {keeper.error}", file=sys.stderr, flush=True)


def ask(seconds: float) -> None:
    """Have the keeper order what is due, and tell what came of it."""
    before = _status().get("looked")
    place.write(place.ASKED, b"", 0o600)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(_GLANCE)
        status = _status()
        if status.get("looked") != before and _answers(status):
            break
    status = _status()
    if status.get("error"):
        print(f"not issued, a temporary one or the last one is served: {status['error']}")
    elif not status.get("issued"):
        print(f"not issued within {seconds:g} s; it is tried again, and `webstack status` tells")
    else:
        print(f"until {status['ends'][:10]}, renewed from {status['renewal'][:10]} on")


def _answers(status: dict[str, str]) -> bool:
    return bool(status.get("issued") or status.get("error"))


def _asked() -> int:
    return place.ASKED.stat().st_mtime_ns if place.ASKED.exists() else 0


def _status() -> dict[str, str]:
    return dict(json.loads(place.read(place.STATUS) or b"{}"))


if __name__ == "__main__":
    if sys.argv[1:]:
        ask(float(sys.argv[1]))
    else:
        keep()
