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
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from meter import exposition, listening
from meter.listening import UNKNOWN, Answer
from meter.metering import Meter
from meter.report import rows, window
from meter.watching import Watch

SOCKET = "/tmp/meter.sock"  # noqa: S108 - the container's own
STREAM = Path("/run/webstack/requests")
LINKS = Path("/run/webstack/links")
STORE = Path("/var/lib/webstack/metrics")
CERTIFICATE = Path("/run/webstack/certificates/status.json")
PORT = 9464
_PAUSE = 0.5
_LONGEST = 86_400


def scraped(meter: Meter, watch: Watch, target: str) -> Answer:
    """Answer ``/metrics``, which is all that there is for others than the stack."""
    if urlsplit(target).path != "/metrics":
        return UNKNOWN
    with meter.lock:
        alarms = len(watch.incidents.open)
        text = exposition.exposition(meter.totals(), meter.unread, meter.releases.in_force, alarms)
    return Answer(200, exposition.CONTENT_TYPE, text)


def answered(meter: Meter, watch: Watch, target: str) -> Answer:
    """Answer the stack's own: ``/metrics``, ``/top?span=60``, ``/alarms``.

    ``/alarms?silence=600`` tells nobody for so many seconds, ``/alarms?test`` sends a test.
    """
    said = urlsplit(target)
    words = parse_qs(said.query, keep_blank_values=True)
    if said.path == "/top":
        with meter.lock:
            return _top(meter, watch, _number(words, "span", 60))
    if said.path == "/alarms":
        with meter.lock:
            if "test" in words:
                watch.tests = list(watch.channels)
            if "silence" in words:
                watch.silence(time.time() + _number(words, "silence", 0))
            return Answer(200, "application/json", json.dumps(watch.report()))
    return scraped(meter, watch, target)


def _number(words: Mapping[str, list[str]], name: str, default: int) -> int:
    said = words.get(name, [""])[0]
    return int(said) if said.isdecimal() and len(said) < 8 else default


def _top(meter: Meter, watch: Watch, span: int) -> Answer:
    now, since = time.time(), meter.since()
    start, end = window(now, min(max(span, 10), _LONGEST))
    if since is not None:
        start = max(start, since)
    found = {
        "seconds": max(now - start, 1.0),
        "since": since,
        "unread": meter.unread,
        "trouble": meter.trouble,
        "alarms": [each.text for each in watch.incidents.open],
        "in_force": meter.releases.in_force,
        "rows": rows(meter.between(start, end), max(now - start, 1.0)),
    }
    return Answer(200, "application/json", json.dumps(found))


def keep() -> None:
    """Count until told to stop."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    meter = Meter(STREAM, LINKS, STORE / "counts.sqlite")
    watch = Watch(meter, STREAM, STORE, CERTIFICATE)
    Path(SOCKET).unlink(missing_ok=True)
    listeners = [(listening.listening(SOCKET), partial(answered, meter, watch), "")]
    if token := os.environ.get("METRICS_TOKEN"):
        port = socket.create_server(("", PORT))
        listeners.append((port, partial(scraped, meter, watch), token))
    for serving in listeners:
        threading.Thread(target=listening.serve, args=serving, daemon=True).start()
    threading.Thread(target=watch.keep, daemon=True).start()
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
