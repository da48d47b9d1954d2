"""Remembers what is wrong and who was told: each incident once, and its end once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from meter.rules import Finding

_QUIET = 60
"""Seconds without it after which an incident has ended."""
_MOST = 100
_DAY = 86_400


@dataclass
class Incident:
    """Holds what was wrong, from when to when; ``told`` counts messages by channel, two at most."""

    key: str
    text: str
    began: float
    ended: float | None = None
    told: dict[str, int] = field(default_factory=dict)

    @property
    def messages(self) -> list[str]:
        """Give what there is to tell of it, in order."""
        over = [f"over: {self.text}"] if self.ended else []
        return [f"alarm: {self.text}", *over]


class Incidents:
    """Keeps incidents in a file as far as there is room for it; without any, in memory."""

    def __init__(self, path: Path, channels: Sequence[str]) -> None:
        self.silent_until = 0.0
        self._path, self._channels = path, channels
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self.known: list[Incident] = []
        self.greeted: dict[str, str] = {}
        with suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads(path.read_text())
            self.known = [Incident(**each) for each in said["incidents"]]
            self.greeted, self.silent_until = dict(said["greeted"]), float(said["silent_until"])

    @property
    def open(self) -> list[Incident]:
        """Give those that have not ended."""
        return [each for each in self.known if each.ended is None]

    def see(self, found: Mapping[str, Finding], now: float, tick: float) -> None:
        """Begin and end incidents by what is found wrong now.

        ``tick`` is of a clock that nobody sets.
        """
        before = [asdict(each) for each in self.known]
        opened = {each.key: each for each in self.open}
        for key in [each for each in self._first if each not in found]:
            del self._first[key]
        for key, finding in found.items():
            self._last[key] = tick
            held = tick - self._first.setdefault(key, tick)
            if key not in opened and held >= finding.hold:
                self.known.append(Incident(key, finding.text, now - held))
        for key, incident in opened.items():
            if key not in found and tick - self._last.setdefault(key, tick) >= _QUIET:
                incident.ended = now
        if now < self.silent_until:
            for each in self.known:
                each.told = dict.fromkeys(self._channels, len(each.messages))
        self._forget(now)
        if before != [asdict(each) for each in self.known]:
            self.keep()

    def untold(self) -> Iterator[tuple[Incident, str, str]]:
        """Give what each channel is to be told next of an incident: incident, channel, message."""
        for channel in self._channels:
            for each in self.known:
                messages = each.messages[each.told.get(channel, 0) :]
                if messages:
                    yield each, channel, messages[0]
                    break

    def was_told(self, incident: Incident, channel: str) -> None:
        """Note that a channel has the next message of an incident."""
        incident.told[channel] = incident.told.get(channel, 0) + 1
        self.keep()

    def keep(self) -> None:
        """Write what is known, if that can be done."""
        said = {
            "incidents": [asdict(each) for each in self.known],
            "greeted": self.greeted,
            "silent_until": self.silent_until,
        }
        draft = self._path.with_suffix(".next")
        with suppress(OSError):
            draft.write_text(json.dumps(said))
            draft.replace(self._path)

    def report(self) -> dict[str, Any]:
        """Give all that is known, the newest last."""
        shown = [
            {"text": each.text, "began": each.began, "ended": each.ended} for each in self.known
        ]
        return {"incidents": shown, "silent_until": self.silent_until}

    def _forget(self, now: float) -> None:
        fresh = [each for each in self.known if not each.ended or each.ended > now - 7 * _DAY]
        self.known = fresh[-_MOST:]
