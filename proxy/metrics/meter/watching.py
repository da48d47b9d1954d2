"""Looks for what is wrong, and has people told of it."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from meter.incidents import Incidents
from meter.metering import Meter
from meter.report import rows, window
from meter.rules import Rules, Seen, found
from meter.telling import CHANNELS, HEARTBEAT, address

_SILENT = 20
"""Seconds after which an nginx that tells nothing is not there."""
_LONGEST_PAUSE = 300.0
_BEAT = 60.0
_TEST = "test: alarms of this stack come here"


class Watch:
    """Looks and tells in a thread of its own; nothing of the meter waits for it."""

    def __init__(self, meter: Meter, stream: Path, store: Path, certificate: Path) -> None:
        self._meter, self._stream, self._store = meter, stream, store
        self._certificate = certificate
        self._rules = Rules(**json.loads(os.environ.get("ALARM_RULES", "{}")))
        self.channels = [each for each in CHANNELS if address(each)]
        self.incidents = Incidents(store / "incidents.json", self.channels)
        self.error = ""
        self.tests: list[str] = []
        self._pause, self._after, self._beat = 5.0, 0.0, 0.0
        # A meter that has just begun has not heard of nginx yet.
        self._began = time.monotonic()

    def once(self, now: float) -> None:
        """Look once, and tell what there is to tell."""
        with self._meter.lock:
            seen = self._seen(now)
            self.incidents.see(found(self._rules, seen), now, time.monotonic())
        self._greet()
        if time.monotonic() >= self._after:
            self._tell(now)
        if address(HEARTBEAT) and time.monotonic() - self._beat >= _BEAT:
            self._beat = time.monotonic()
            self._sent(HEARTBEAT, "", now)

    def keep(self) -> None:
        """Look for ever."""
        while True:
            time.sleep(5)
            try:
                self.once(time.time())
            except Exception as error:
                self.error = f"{type(error).__name__}: {error}"
                print(f"alarms: {self.error}", file=sys.stderr, flush=True)

    def report(self) -> dict[str, Any]:
        """Give incidents, channels, and what keeps messages from going out."""
        return {**self.incidents.report(), "channels": self.channels, "error": self.error}

    def silence(self, until: float) -> None:
        """Tell nobody until then."""
        self.incidents.silent_until = until
        self.incidents.keep()

    def _seen(self, now: float) -> Seen:
        start, end = window(now, self._rules.span)
        disk = os.statvfs(self._store)
        return Seen(
            rows(self._meter.between(start, end), now - start),
            self._replicas(now),
            100 * (1 - disk.f_bavail / max(1, disk.f_blocks)),
            _days(self._certificate, now),
            self._meter.trouble,
        )

    def _replicas(self, now: float) -> Mapping[str, bool] | None:
        file = self._stream / "replicas"
        try:
            told, text = file.stat().st_mtime, file.read_text()
        except OSError:
            told, text = 0.0, ""
        if abs(now - told) > _SILENT:
            return {} if time.monotonic() - self._began < _SILENT else None
        words = (line.split(" ") for line in text.splitlines())
        return {word[0]: word[1] == "1" for word in words if len(word) == 2}

    def _greet(self) -> None:
        """Send a test wherever messages have not gone before."""
        for channel in self.channels:
            place = hashlib.sha256(address(channel).encode()).hexdigest()
            if self.incidents.greeted.get(channel) != place:
                self.incidents.greeted[channel] = place
                self.incidents.keep()
                self.tests.append(channel)

    def _tell(self, now: float) -> None:
        for channel in list(self.tests):
            if self._sent(channel, _TEST, now):
                self.tests.remove(channel)
        for incident, channel, text in list(self.incidents.untold()):
            if self._sent(channel, text, now):
                self.incidents.was_told(incident, channel)

    def _sent(self, channel: str, text: str, now: float) -> bool:
        moment = datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="seconds")
        message = {"text": text, "stack": os.environ.get("STACK", ""), "time": moment}
        done = subprocess.run(
            [sys.executable, "-m", "meter.telling", channel],
            input=json.dumps(message),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode == 0:
            self.error, self._pause = "", 5.0
            return True
        self.error = f"{channel}: {done.stderr.strip()[-300:] or 'failed'}"
        print(f"alarms: {self.error}", file=sys.stderr, flush=True)
        self._after = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        return False


def _days(file: Path, now: float) -> float | None:
    """Give for how many days the certificate is good that is ordered; None where none is."""
    try:
        ends = json.loads(file.read_text()).get("ends")
        return (datetime.fromisoformat(ends).timestamp() - now) / 86_400 if ends else None
    except (OSError, ValueError, AttributeError, TypeError):
        return None
