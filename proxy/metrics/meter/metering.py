"""Reads the stream of requests, counts, and keeps what was counted."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from meter.cells import Cell, Series, Slots, flat
from meter.lines import Request, counted
from meter.releases import Releases
from meter.store import SLOT, Store
from meter.stream import Stream

_KEEP_EVERY = 10.0
# What is unread takes memory of nginx; what is not kept takes the meter's.
_KEEP_AFTER = 4 << 20
_MOST_SERIES = 4000
_MOST_SLOTS = 30


class Meter:
    """Counts what is in the stream of a folder; others ask it while it does, under its ``lock``."""

    def __init__(self, stream: Path, links: Path, store: Path) -> None:
        self.lock = threading.Lock()
        self.releases = Releases(links)
        self._unreadable = ""
        self._store = Store(store)
        self._stream = Stream(stream)
        self._pending: Slots = {}
        session, position, self.unread = self._store.place()
        self._stream.start(session, position)
        self._kept_at, self._kept_to = time.monotonic(), self._stream.position

    @property
    def trouble(self) -> str:
        """Say what keeps it from its work, if anything."""
        return self._store.trouble or self._unreadable

    def look(self) -> None:
        """Count all that nginx has written since, and keep it if it is time."""
        with self.lock:
            self.releases.look()
        more = True
        while more:
            with self.lock:
                more = self._looked()

    def between(self, start: float, end: float) -> Iterator[tuple[int, Series, Cell]]:
        """Give what was counted in the slots that begin in a time."""
        yield from self._store.between(start, end)
        for at, series, cell in flat(self._pending):
            if start <= at < end:
                yield at, series, cell

    def totals(self) -> dict[Series, Cell]:
        """Give all that each series has counted since it began."""
        found = dict(self._store.totals())
        for _, series, cell in flat(self._pending):
            found.setdefault(series, Cell()).join(cell)
        return found

    def since(self) -> int | None:
        """Give when the first slot began that is known, in seconds."""
        known = [at for at in (self._store.oldest(), *self._pending) if at is not None]
        return min(known, default=None)

    def close(self) -> None:
        """Keep what is counted, and end."""
        with self.lock:
            self._keep()
            self._store.close()

    def _looked(self) -> bool:
        """Count some thousand lines at most; gives whether there may be more."""
        try:
            more = self._count()
            self._keep_if_due()
        except OSError as error:
            self._unreadable = f"cannot read what nginx tells: {error}"
            return False
        self._unreadable = ""
        return more

    def _count(self) -> bool:
        lines = self._stream.lines()
        for request, count in counted(lines):
            if request is None or not self._added(request, count):
                self.unread += count
        return bool(lines)

    def _added(self, request: Request, count: int) -> bool:
        began = request.at + 1 - request.milliseconds / 1000
        release = self.releases.of(request.service, began)
        series = Series(request.service, release, request.route, request.status)
        slot = self._pending.setdefault(request.at - request.at % SLOT, {})
        if series not in slot and len(slot) >= _MOST_SERIES:
            return False
        slot.setdefault(series, Cell()).add(request.milliseconds, count)
        return True

    def _keep_if_due(self) -> None:
        late = time.monotonic() - self._kept_at >= _KEEP_EVERY
        if late or self._stream.position - self._kept_to >= _KEEP_AFTER:
            self._keep()

    def _keep(self) -> None:
        position = self._stream.position
        if position != self._kept_to or self._pending:
            place = (self._stream.session, position, self.unread)
            if self._store.keep(self._pending, *place, now=time.time()):
                self._pending = {}
            for at in sorted(self._pending)[:-_MOST_SLOTS]:
                del self._pending[at]
            self._stream.forget(position)
        self._kept_at, self._kept_to = time.monotonic(), position
