"""DESK PORT…: owns the listening sockets of the proxy and lends them to whichever nginx asks.

Runs as the only process of the holder container. The kernel keeps one queue of connections for
each socket, whoever accepts from it, so a connection that waits while one nginx follows another
is accepted by the next. Every borrower keeps its connection open and so learns when the holder,
and with it the published port, is gone.
"""

import contextlib
import selectors
import signal
import socket
import sys
from pathlib import Path

BACKLOG = 4096


def hold(path: str, ports: list[int]) -> None:
    """Lend the listening sockets of these TCP ports at a unix socket until told to stop."""
    held = [socket.create_server(("", port), backlog=BACKLOG) for port in ports]
    Path(path).unlink(missing_ok=True)
    desk = socket.socket(socket.AF_UNIX)
    desk.bind(path)
    Path(path).chmod(0o600)
    desk.listen()
    with selectors.DefaultSelector() as ready:
        ready.register(desk, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is desk:
                    borrower, _ = desk.accept()
                    with contextlib.suppress(OSError):
                        socket.send_fds(borrower, [b"."], [each.fileno() for each in held])
                    ready.register(borrower, selectors.EVENT_READ, borrower)
                else:
                    ready.unregister(key.data)
                    key.data.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    hold(sys.argv[1], [int(port) for port in sys.argv[2:]])
