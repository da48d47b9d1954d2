"""Counts requests of one series, that is of one service, release, route and status."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from meter.durations import Buckets, added, bucket


class Series(NamedTuple):
    """Names what requests have in common that are counted together."""

    service: str
    release: str
    route: str
    status: int


@dataclass
class Cell:
    """Holds how many requests of a series there were, by duration, and all milliseconds of them."""

    milliseconds: int = 0
    buckets: Buckets = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Give how many there were."""
        return sum(self.buckets.values())

    def add(self, milliseconds: int, count: int) -> None:
        """Count requests that took so long."""
        self.milliseconds += milliseconds * count
        number = bucket(milliseconds)
        self.buckets[number] = self.buckets.get(number, 0) + count

    def join(self, other: "Cell") -> None:
        """Add another cell to this one."""
        self.milliseconds += other.milliseconds
        added(self.buckets, other.buckets)


Slots = dict[int, dict[Series, Cell]]
"""What was counted, by the second at which each slot of time begins."""


def joined(cells: Iterable[Cell]) -> Cell:
    """Give the sum of cells."""
    found = Cell()
    for each in cells:
        found.join(each)
    return found


def flat(slots: Slots) -> Iterator[tuple[int, Series, Cell]]:
    """Give each cell with its time and its series."""
    for at, cells in slots.items():
        for series, cell in cells.items():
            yield at, series, cell
