"""Watches what a run looks at: files, folders, processes, the network.

Python tells of each file that is opened and each folder that is listed, whoever does it. It does
not tell of paths that are only asked for what they are, so those functions tell it themselves
while somebody watches. All that runs the program is watched: the command, the engine and the
program itself are one process.
"""

from __future__ import annotations

import os
import pathlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, Final

from webstack.cli.settled.tokens import LINK, READ, SEEN
from webstack.engine.sdk.postponing import file_of

INVOKED: Final = "webstack.invoke"
"""What the engine tells of a function that the program calls by a provider."""
_PROCESSES: Final = frozenset(
    ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty")
)
_NETWORK: Final = frozenset(
    ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto")
)
_LISTED: Final = ("os.listdir", "os.scandir")
_CONNECTED: Final = "socket.connect"
_TOLD: Final = _PROCESSES | _NETWORK | {"exec", "open", *_LISTED, _CONNECTED, INVOKED}
_OF_THE_KERNEL: Final = ("/proc/", "/sys/", "/dev/")
_EMPTY: Final = "/dev/null"
_NO_INPUT: Final = ("infra.git_revision", "webstack.engine.storage.liveness")
"""Modules of ours whose questions decide nothing of what is declared: a release only notes which
commit it was made of, and a lock that was there in the end is another question."""


class Watch:
    """Holds what a run looked at, and why it cannot be known whether another would do the same."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.paths: dict[str, set[str]] = {READ: set(), SEEN: set(), LINK: set()}
        self.code: set[str] = set()
        self.addresses: set[Any] = set()
        self.reasons: set[str] = set()

    def note(self, path: Any, kind: str) -> None:
        """Note a path as Python was given it; descriptors are of files that were opened."""
        if isinstance(path, int):
            return
        name = os.fsdecode(path)
        if not name.startswith("/"):
            name = f"{os.getcwd()}/{name}"  # noqa: PTH109 - pathlib would ask for paths itself
        if name.startswith(_OF_THE_KERNEL):
            if kind == READ and name != _EMPTY and not _asked_by_ours():
                self.reasons.add(f"reads {name}")
            return
        if name.endswith(".pyc"):
            name = _source(name)
        self.paths[kind].add(name)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of one event of Python's."""
        if event == "exec":
            self.code.add(arguments[0].co_filename)
        elif event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or flags & os.O_ACCMODE == os.O_RDONLY:
                self.note(path, READ)
        elif event in _LISTED:
            self.note("." if arguments[0] is None else arguments[0], READ)
        elif event == _CONNECTED:
            self.addresses.add(arguments[1])
        elif event in _NETWORK:
            self.reasons.add("uses the network")
        elif event == INVOKED:
            self.reasons.add(f"calls {arguments[0]}")
        elif event in _PROCESSES and not _asked_by_ours():
            self.reasons.add("starts another program")

    def modules(self) -> None:
        """Note all that was imported, and the folders that are searched for modules."""
        for module in list(sys.modules.values()):
            if file := file_of(module):
                self.note(file, READ)
        for folder in {*sys.path, *sys.path_importer_cache}:
            self.note(folder or ".", READ)


_watching: list[Watch] = []
_hooked: list[bool] = []
_own = threading.local()


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch until the context ends."""
    if not _hooked:
        sys.addaudithook(_heard)  # there is no way to remove one
        _hooked.append(True)
    watch = Watch()
    _watching.append(watch)
    undo = [*_telling()]
    try:
        yield watch
    finally:
        _watching.remove(watch)
        for each in undo:
            each()
        watch.modules()


@contextmanager
def unwatched() -> Iterator[None]:
    """Watch nothing that this thread does until the context ends."""
    _own.unwatched = True
    try:
        yield
    finally:
        del _own.unwatched


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _TOLD and not hasattr(_own, "unwatched"):  # others come by the ten thousand
        for watch in _watching:
            watch.hear(event, arguments)


def _telling() -> Iterator[Callable[[], None]]:
    """Have functions tell which paths they are asked about; gives what undoes each."""
    # Python 3.10 keeps functions of its own for paths.
    places = [os, *filter(None, [getattr(pathlib, "_NormalAccessor", None)])]
    for place in places:
        for name, kind in (("stat", SEEN), ("lstat", LINK), ("readlink", LINK), ("access", SEEN)):
            if original := place.__dict__.get(name):
                function = original.__func__ if isinstance(original, staticmethod) else original
                told = _told(function, kind)
                setattr(place, name, told if place is os else staticmethod(told))
                yield partial(setattr, place, name, original)


def _told(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    @wraps(function)
    def telling(path: Any, *arguments: Any, **options: Any) -> Any:
        followed = options.get("follow_symlinks", True)
        for watch in () if hasattr(_own, "unwatched") else _watching:
            watch.note(path, kind if followed else LINK)
        return function(path, *arguments, **options)

    return telling


def _asked_by_ours() -> bool:
    frame = sys._getframe(1)
    while frame:
        if frame.f_globals.get("__name__") in _NO_INPUT:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _source(compiled: str) -> str:
    """Give the source of a module that Python has compiled; itself where that is not known."""
    folder, _, name = compiled.rpartition("/")
    above, _, own = folder.rpartition("/")
    return f"{above}/{name.partition('.')[0]}.py" if own == "__pycache__" else compiled
