"""Reads the access log by places: a file, by its inode, and how many bytes of it are behind."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from webstack_log import FOLDER, files  # type: ignore[import-not-found]  # beside this file

_BLOCK = 1 << 16
# An nginx that has not seen yet that a file was put aside goes on writing to it.
_LATE = 2.5
_PAUSE = 0.2


class Place(NamedTuple):
    """A place in the log; a file that is gone means the oldest that is there."""

    inode: int = 0
    offset: int = 0

    @classmethod
    def of(cls, text: str) -> "Place":
        """Read one; raises ValueError for anything else."""
        inode, offset = map(int, text.split(":"))
        return cls(inode, offset)

    def __str__(self) -> str:
        """Write it as one word."""
        return f"{self.inode}:{self.offset}"


def last(count: int, folder: Path = FOLDER) -> Place:
    """Tell where the last lines begin."""
    place = Place()
    for path in files(folder):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            number = file.fileno()
            found, offset = _last(number, count)
            place = Place(os.fstat(number).st_ino, offset)
            count -= found
            if not count:
                break
    return place


def lines(place: Place, folder: Path = FOLDER, late: float = 0.0) -> Iterator[tuple[Place, bytes]]:
    """Give the whole lines that are there from a place on, each with the place after it.

    A file that was put aside is left behind once nobody has written to it for ``late`` seconds.
    """
    chain = _chain(folder)
    numbers = {os.fstat(number).st_ino: number for number in chain}
    try:
        begin = list(numbers).index(place.inode) if place.inode in numbers else 0
        for inode, number in list(numbers.items())[begin:]:
            offset = place.offset if inode == place.inode else 0
            for line in _lines(number, offset):
                offset += len(line)
                yield Place(inode, offset), line
            if number != chain[-1] and abs(time.time() - os.fstat(number).st_mtime) < late:
                return
    finally:
        for number in chain:
            os.close(number)


def follow(
    place: Place, seconds: float, folder: Path = FOLDER, late: float = _LATE
) -> Iterator[tuple[Place, bytes]]:
    """Give lines as they come, for so long."""
    end = time.monotonic() + seconds
    while True:
        for after, line in lines(place, folder, late):
            yield after, line
            place = after
        if time.monotonic() >= end:
            return
        time.sleep(_PAUSE)


def _chain(folder: Path) -> list[int]:
    """Open all files, the oldest first; one that moves meanwhile is there once."""
    opened: dict[int, int] = {}
    for path in files(folder):
        with contextlib.suppress(FileNotFoundError):
            number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            inode = os.fstat(number).st_ino
            if inode in opened:
                os.close(number)
            else:
                opened[inode] = number
    return list(reversed(opened.values()))


def _lines(number: int, offset: int) -> Iterator[bytes]:
    """Give the whole lines of a file from an offset on."""
    rest = b""
    while block := os.pread(number, _BLOCK, offset):
        offset += len(block)
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line + b"\n"


def _last(number: int, count: int) -> tuple[int, int]:
    """Count the last lines of a file, up to so many, and tell where the first of them begins."""
    at = os.fstat(number).st_size
    ends = 0
    while at:
        start = max(0, at - _BLOCK)
        block = os.pread(number, at - start, start)
        for index in range(len(block) - 1, -1, -1):
            if block[index] == 0x0A:
                if ends == count:
                    return count, start + index + 1
                ends += 1
        at = start
    return ends, 0
