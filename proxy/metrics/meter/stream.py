"""Reads what nginx writes to a file in memory, and gives its memory back once that is kept.

nginx appends and never waits. What has been read is cut out of the file as a hole: no line is lost
between a look and a cut, and the file takes no more memory than what is unread.
"""

import ctypes
import os
import uuid
from pathlib import Path

_PIECE = 1 << 20
_LONGEST_LINE = 4096
_PUNCH_HOLE_KEEPING_SIZE = 3


class Stream:
    """Reads the file in the folder that nginx and the meter share.

    ``session`` names this file: it is another after the machine has started anew.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "requests"
        self._session = folder / "session"
        self.position = 0
        self.session = ""

    def start(self, session: str, position: int) -> None:
        """Go on at a position, if it is one of this file; else where its first line is."""
        self.session = self._named()
        self.position = position if session == self.session else 0

    def lines(self) -> list[bytes]:
        """Give the next whole lines, some thousands at most; none if there are no more."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return []
        try:
            self.position = _first(descriptor, self.position)
            data = os.pread(descriptor, _PIECE, self.position)
        finally:
            os.close(descriptor)
        end = data.rfind(b"\n") + 1
        if not end and len(data) > _LONGEST_LINE:
            end = len(data)  # no line of nginx is as long
        self.position += end
        return data[:end].splitlines()

    def forget(self, position: int) -> None:
        """Give the memory of all before a position back."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY)
        except FileNotFoundError:
            return
        try:
            _punch(descriptor, position)
        finally:
            os.close(descriptor)

    def _named(self) -> str:
        try:
            return self._session.read_text()
        except FileNotFoundError:
            name = uuid.uuid4().hex
            self._session.write_text(name)
            return name


def _first(descriptor: int, position: int) -> int:
    """Give the first place from a position on that is no hole; the start of a file that is new."""
    size = os.fstat(descriptor).st_size
    if position > size:
        position = 0
    if position == size:
        return position
    return os.lseek(descriptor, position, os.SEEK_DATA)


def _punch(descriptor: int, length: int) -> None:
    """Cut a hole of so many bytes into the start of a file; raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    size = ctypes.c_int64
    if libc.fallocate64(descriptor, _PUNCH_HOLE_KEEPING_SIZE, size(0), size(length)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
