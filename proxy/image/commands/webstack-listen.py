#!/usr/bin/python3
"""webstack-listen COMMAND…: run nginx on listening sockets borrowed at WEBSTACK_DESK.

nginx takes them over by the variable that it uses itself when one binary follows another. When it
is told to stop (SIGQUIT), clients are first made to leave their idle connections. When the holder
is gone, nginx is ended, so that Docker starts both again with the sockets of the next holder.
"""

import os
import signal
import socket
import subprocess
import sys
import threading

from webstack_closing import (  # type: ignore[import-not-found]  # beside this file
    FLAG,
    close_gently,
)
from webstack_configuration import (  # type: ignore[import-not-found]  # beside this file
    CONFIGURATION,
    remember,
)
from webstack_upstreams import Upstreams  # type: ignore[import-not-found]  # beside this file

MOST = 16
STOPS = {signal.SIGQUIT, signal.SIGTERM, signal.SIGINT}
SIGNALS = STOPS | {signal.SIGHUP, signal.SIGCHLD}


def borrowed(path: str) -> tuple[socket.socket, list[int]]:
    """Wait for the holder, since containers start in any order; give the desk and the sockets.

    Exits when told to stop while it waits.
    """
    while True:
        desk = socket.socket(socket.AF_UNIX)
        try:
            desk.connect(path)
            _, sockets, _, _ = socket.recv_fds(desk, 1, MOST)
        except OSError:
            sockets = []
        if sockets:
            return desk, sockets
        desk.close()
        if signal.sigtimedwait(STOPS, 0.1):
            sys.exit(0)


def started(command: list[str], sockets: list[int]) -> subprocess.Popen[bytes]:
    """Start nginx with the sockets, and with every signal let through.

    nginx takes it for granted that inherited sockets do not block: else a worker that comes second
    to a new connection would wait for the next one, and its clients with it.
    """
    for number in sockets:
        os.set_blocking(number, False)
    names = "".join(f"{number};" for number in sockets)
    return subprocess.Popen(
        command,
        pass_fds=sockets,
        env={**os.environ, "NGINX": names},
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, ()),
    )


def watch(desk: socket.socket) -> None:
    """End when the holder does."""
    desk.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


def serve(nginx: subprocess.Popen[bytes]) -> int:
    """Pass signals on until nginx has ended, and give its exit code."""
    while True:
        number = signal.sigwait(SIGNALS)
        if number == signal.SIGCHLD:
            _bury_orphans(nginx.pid)
            if nginx.poll() is not None:
                return nginx.returncode
        else:
            if number == signal.SIGQUIT:
                close_gently()
            nginx.send_signal(number)


def _bury_orphans(nginx: int) -> None:
    """The first process of a container inherits those that others left behind."""
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
        if ended.si_pid == nginx:
            return
        os.waitpid(ended.si_pid, 0)


def main() -> None:
    """Borrow, start, serve."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    FLAG.unlink(missing_ok=True)
    desk, sockets = borrowed(os.environ["WEBSTACK_DESK"])
    remember(CONFIGURATION.read_bytes())
    upstreams = Upstreams()
    upstreams.tend()
    nginx = started(sys.argv[1:], sockets)
    for number in sockets:
        os.close(number)
    threading.Thread(target=watch, args=[desk], daemon=True).start()
    threading.Thread(target=upstreams.keep, daemon=True).start()
    code = serve(nginx)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
