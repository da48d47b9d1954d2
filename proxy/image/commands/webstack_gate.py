"""Holds requests over HTTP/2 for the moment in which nginx is told to end or to reload.

nginx closes an HTTP/2 connection on which nothing is asked at once, and a request that crosses that
is lost unless the client can send it again. One with a request under way it leaves in good order:
it says that it takes no more, and answers what it has. So for that moment nginx asks here before
it goes on with a request, and hears nothing until all connections have been told.
"""

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from webstack_closing import connections  # type: ignore[import-not-found]  # beside this file

GATE = Path("/run/nginx/gate.sock")
FLAG = Path("/run/nginx/gate")
"""While it is there nginx asks: a socket it does not see as a file that exists."""
# Most clients that are busy ask again within it; where more of them come, they are waited for.
PAUSE = 0.7
SETTLED = 0.4
LONGEST = 3.0
_LINGER = 1.0
_OPEN = b"HTTP/1.0 204 No Content\r\n\r\n"


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Hold requests: from a moment before the block until it ends."""
    draft = GATE.with_name(f"gate.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    ended = threading.Event()
    with socket.socket(socket.AF_UNIX) as desk:
        desk.bind(str(draft))
        desk.listen(4096)
        desk.setblocking(False)
        draft.replace(GATE)
        FLAG.touch()
        holder = threading.Thread(target=_hold, args=[desk, ended])
        holder.start()
        try:
            _wait_for_busy_clients()
            yield
        finally:
            for path in (FLAG, GATE):
                path.unlink(missing_ok=True)
            ended.set()
            holder.join()


def _wait_for_busy_clients() -> None:
    """Wait until every connection has a request under way, or no more of them get one."""
    time.sleep(PAUSE)
    began = changed = time.monotonic()
    _, least = connections()
    while least and time.monotonic() < min(changed + SETTLED, began + LONGEST):
        time.sleep(0.1)
        _, idle = connections()
        if idle < least:
            least, changed = idle, time.monotonic()


def _hold(desk: socket.socket, ended: threading.Event) -> None:
    """Take requests in without an answer; once it has ended, answer those and the late ones."""
    waiting: list[socket.socket] = []
    until = float("inf")
    while time.monotonic() < until:
        if select.select([desk], [], [], 0.02)[0]:
            with contextlib.suppress(OSError):
                waiting.append(desk.accept()[0])
        if ended.is_set():
            until = min(until, time.monotonic() + _LINGER)
            for each in waiting:
                _let_through(each)
            waiting.clear()


def _let_through(request: socket.socket) -> None:
    with contextlib.suppress(OSError), request:
        request.settimeout(1)
        request.recv(4096)
        request.sendall(_OPEN)
