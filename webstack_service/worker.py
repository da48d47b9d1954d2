"""Serves by gunicorn's threaded worker, as it suits a service behind the proxy."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers import gthread

# The proxy has the rest of a body at hand.
SECONDS_TO_READ_ON = 20

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Worker(gthread.ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers those who wait in the queue before it ends, where no other worker will.

    gunicorn takes the socket's name away before it stops its workers. nginx holds the socket by
    more than its name, so it is told to take no more: nginx turns to another replica then. A
    request that still waited would be lost, and a POST may not be sent twice.
    """

    wsgi: Application

    def load_wsgi(self) -> None:
        """Load the application, and let it send no early hints.

        One that refuses to start ends the service. gunicorn would start workers for ever.
        """
        try:
            super().load_wsgi()
        except SystemExit as refusal:
            print(refusal, file=sys.stderr)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        self.wsgi = _without_early_hints(self.wsgi)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer, and read what the application has left of the body.

        Who closes before that breaks off what the proxy still sends: it would say 502 instead of
        passing the answer on.
        """
        stays_open = bool(super().handle_request(req, conn))
        if not stays_open:
            deadline = time.monotonic() + SECONDS_TO_READ_ON
            with contextlib.suppress(OSError):  # the proxy has its answer, and may be gone
                conn.parser.finish_body(deadline, max_bytes=sys.maxsize)
        return stays_open

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stop to accept, but not before the queue of a socket without a name is empty."""
        for listener in self.sockets if not enabled else ():
            if _nameless(listener):
                listener.shutdown(socket.SHUT_RD)
                self._empty(listener)
        super().set_accept_enabled(enabled)

    def _empty(self, listener: socket.socket) -> None:
        before = -1
        while self.nr_conns != before:
            before = self.nr_conns
            self.accept(listener)


def _without_early_hints(application: Application) -> Application:
    """Take away what gunicorn offers: nginx before 1.29 takes a 103 for the final answer."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("wsgi.early_hints", None)
        return application(environ, start_response)

    return answer


def _nameless(listener: socket.socket) -> bool:
    address = listener.getsockname()
    return isinstance(address, str) and not Path(address).exists()
