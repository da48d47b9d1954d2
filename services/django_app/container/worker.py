"""gunicorn's threaded worker, as it suits a service behind the proxy."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gunicorn.workers import gthread

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Worker(gthread.ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers those who wait in the queue before it ends, where no other worker will.

    gunicorn takes the socket's name away before it stops its workers, so nginx has turned to
    another replica by then. A request that still waited would be lost, and a POST may not be sent
    twice.
    """

    def load_wsgi(self) -> None:
        """Load the application, and let it send no early hints."""
        super().load_wsgi()
        self.wsgi = _without_early_hints(self.wsgi)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stop to accept, but not before the queue of a socket without a name is empty."""
        for listener in self.sockets if not enabled else ():
            while _nameless(listener) and _has_waiting(listener):
                self.accept(listener)
        super().set_accept_enabled(enabled)


def _without_early_hints(application: Application) -> Application:
    """Take away what gunicorn offers: nginx before 1.29 takes a 103 for the final answer."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("wsgi.early_hints", None)
        return application(environ, start_response)

    return answer


def _nameless(listener: socket.socket) -> bool:
    address = listener.getsockname()
    return isinstance(address, str) and not Path(address).exists()


def _has_waiting(listener: socket.socket) -> bool:
    readable, _, _ = select.select([listener], [], [], 0)
    return bool(readable)
