"""Keeps the certificate: one look at it, and what is done then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from keeper import place
from keeper.certificates import Certificate, read, temporary
from keeper.errors import OrderError
from keeper.schedule import pause, renewal, rest

ADVICE_EVERY = timedelta(hours=6)
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


class Ordering(Protocol):
    """Stands for a directory that issues."""

    def order(self, hosts: Sequence[str]) -> bytes:
        """Order one: give a new key and its chain; raises OrderError."""

    def advice(self, certificate: bytes) -> datetime | None:
        """Give when to renew, if it says; raises OrderError."""


def utc_now() -> datetime:
    """Give the time."""
    return datetime.now(timezone.utc)


@dataclass
class Keeper:
    """Looks at the certificate of these hosts, and orders another in time.

    Nothing is ordered before somebody asks for the first time: nginx could not answer yet.
    """

    directory: Ordering
    hosts: Sequence[str]
    now: Callable[[], datetime] = utc_now
    failures: int = 0
    error: str = ""
    failing_since: datetime | None = None
    next_try: datetime = _LONG_AGO
    advised: datetime | None = None
    _advice_at: datetime = _LONG_AGO

    def look(self, *, asked: bool) -> None:
        """Do what is due; whoever has ``asked`` does not wait for the next try.

        Raises OSError if a file cannot be written.
        """
        pem = place.read(place.ISSUED)
        issued = read(pem)
        self._serve(pem, issued)
        if issued:
            self._take_advice(pem)
        started = asked or place.ASKED.exists()
        waits = self.now() < self.next_try and not (asked and self.failures)
        if started and not waits and self._is_due(issued):
            self._order()
            issued = read(place.read(place.ISSUED))
        self._tell(issued)

    def _is_due(self, issued: Certificate | None) -> bool:
        if issued is None or not issued.is_of(self.hosts):
            return True
        return self.now() >= renewal(issued.validity, self.advised)

    def _serve(self, pem: bytes, issued: Certificate | None) -> None:
        """Have nginx serve what was issued, even if hosts have come since; else ours."""
        if issued and issued.validity.ends > self.now():
            if place.read(place.SITE) != pem:
                place.write(place.SITE, pem, 0o640)
            return
        present = read(place.read(place.SITE))
        if not present or not present.is_of(self.hosts) or present.validity.ends <= self.now():
            place.write(place.SITE, temporary(self.hosts, self.now()), 0o640)

    def _take_advice(self, issued: bytes) -> None:
        if self.now() < self._advice_at:
            return
        self._advice_at = self.now() + ADVICE_EVERY
        try:
            self.advised = self.directory.advice(issued)
        except OrderError:
            self.advised = None  # what holds without advice is early enough

    def _order(self) -> None:
        try:
            place.make_room()
            made = self.directory.order(self.hosts)
            place.write(place.ISSUED, made, 0o600)
            place.write(place.SITE, made, 0o640)
        except (OrderError, OSError) as error:
            self.failures += 1
            self.error = str(error)
            self.failing_since = self.failing_since or self.now()
            refused = isinstance(error, OrderError) and error.refused
            self.next_try = self.now() + pause(self.failures, refused=refused)
            return
        self.failures, self.error, self.failing_since = 0, "", None
        self.advised, self._advice_at = None, self.now()
        if found := read(made):
            self.next_try = self.now() + rest(found.validity)

    def _tell(self, issued: Certificate | None) -> None:
        found = issued.validity if issued and issued.is_of(self.hosts) else None
        place.tell(
            {
                "hosts": list(self.hosts),
                "issued": found is not None,
                "begins": found and found.begins.isoformat(),
                "ends": found and found.ends.isoformat(),
                "renewal": found and renewal(found, self.advised).isoformat(),
                "error": self.error,
                "failing_since": self.failing_since and self.failing_since.isoformat(),
                "looked": self.now().isoformat(),
            }
        )
