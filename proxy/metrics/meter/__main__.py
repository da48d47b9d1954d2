"""Counts the requests of nginx.

``python3 -m meter ask TARGET`` prints what the one that runs says.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from meter import exposition, listening
from meter.listening import UNKNOWN, Answer
from meter.metering import Meter
from meter.report import rows, window

SOCKET = "/tmp/meter.sock"  # noqa: S108 - the container's own
STREAM = Path("/run/webstack/requests")
LINKS = Path("/run/webstack/links")
STORE = Path("/var/lib/webstack/metrics/counts.sqlite")
PORT = 9464
_PAUSE = 0.5
_LONGEST = 86_400


def answered(meter: Meter, target: str) -> Answer:
    """Answer ``/metrics`` and ``/top?span=60``."""
    said = urlsplit(target)
    with meter.lock:
        if said.path == "/metrics":
            text = exposition.exposition(meter.totals(), meter.unread, meter.releases.in_force)
            return Answer(200, exposition.CONTENT_TYPE, text)
        if said.path == "/top":
            span = parse_qs(said.query).get("span", ["60"])[0]
            return _top(meter, int(span) if span.isdecimal() and len(span) < 6 else 60)
    return UNKNOWN


def _top(meter: Meter, span: int) -> Answer:
    now, since = time.time(), meter.since()
    start, end = window(now, min(max(span, 10), _LONGEST))
    if since is not None:
        start = max(start, since)
    found = {
        "seconds": max(now - start, 1.0),
        "since": since,
        "unread": meter.unread,
        "trouble": meter.trouble,
        "in_force": meter.releases.in_force,
        "rows": rows(meter.between(start, end), max(now - start, 1.0)),
    }
    return Answer(200, "application/json", json.dumps(found))


def keep() -> None:
    """Count until told to stop."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    meter = Meter(STREAM, LINKS, STORE)
    Path(SOCKET).unlink(missing_ok=True)
    listeners = [(listening.listening(SOCKET), "")]
    if token := os.environ.get("METRICS_TOKEN"):
        listeners.append((socket.create_server(("", PORT)), token))
    for listener, secret in listeners:
        serving = (listener, lambda target: answered(meter, target), secret)
        threading.Thread(target=listening.serve, args=serving, daemon=True).start()
    said = ""
    while not stopped.wait(_PAUSE):
        meter.look()
        if meter.trouble != said:
            said = meter.trouble
            print(said or "all is counted and kept again", file=sys.stderr, flush=True)
    meter.look()
    meter.close()


def ask(target: str) -> int:
    """Print what the running meter says; exit code 1 if it refuses."""
    said = listening.ask(SOCKET, target)
    sys.stdout.write(said.body)
    return int(said.status != 200)


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        sys.exit(ask(sys.argv[2]))
    keep()
