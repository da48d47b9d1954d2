"""Says when a certificate is renewed, and when it is tried again: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_SHORT = timedelta(days=10)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_LONGEST_REST = timedelta(hours=1)
# A directory that says "too many" means hours.
_REFUSED_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Validity:
    """Tells from when to when a certificate is valid."""

    begins: datetime
    ends: datetime

    @property
    def lifetime(self) -> timedelta:
        """Give for how long it is valid as a whole."""
        return self.ends - self.begins


def renewal(validity: Validity, advised: datetime | None) -> datetime:
    """Give when it is renewed: as the directory advises, else with a third of its time left.

    One of less than ten days is renewed with half of it left.
    """
    if advised is not None:
        return min(advised, validity.ends)
    lifetime = validity.lifetime
    return validity.ends - lifetime / (2 if lifetime < _SHORT else 3)


def rest(validity: Validity) -> timedelta:
    """Give for how long no other is ordered, even if the directory advises it.

    A directory whose advice is always in the past would be asked again and again.
    """
    return min(_LONGEST_REST, validity.lifetime / 10)


def pause(failures: int, *, refused: bool) -> timedelta:
    """Give how long to wait after so many failures in a row; longer where there were too many."""
    waited = _FIRST_PAUSE * 2 ** min(failures - 1, 12)
    return min(max(waited, _REFUSED_PAUSE) if refused else waited, _LONGEST_PAUSE)
