"""gunicorn's threaded worker, one that leaves nobody waiting when the service stops."""

from __future__ import annotations

import select
import socket
from pathlib import Path

from gunicorn.workers import gthread


class Worker(gthread.ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers those who wait in the queue before it ends, where no other worker will.

    gunicorn takes the socket's name away before it stops its workers, so nginx has turned to
    another replica by then. A request that still waited would be lost, and a POST may not be sent
    twice.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stop to accept, but not before the queue of a socket without a name is empty."""
        for listener in self.sockets if not enabled else ():
            while _nameless(listener) and _has_waiting(listener):
                self.accept(listener)
        super().set_accept_enabled(enabled)


def _nameless(listener: socket.socket) -> bool:
    address = listener.getsockname()
    return isinstance(address, str) and not Path(address).exists()


def _has_waiting(listener: socket.socket) -> bool:
    readable, _, _ = select.select([listener], [], [], 0)
    return bool(readable)
