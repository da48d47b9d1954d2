#!/usr/bin/python3
"""webstack-listen COMMAND…: run nginx on listening sockets borrowed at the desks of WEBSTACK_DESK.

nginx takes them over by the variable that it uses itself when one binary follows another. When it
is told to stop (SIGQUIT), clients are first made to leave their idle connections. When the holder
is gone, nginx is ended, so that Docker starts both again with the sockets of the next holder.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial

from webstack_cache import (  # type: ignore[import-not-found]  # beside this file
    keep_room,
    services,
    turn,
)
from webstack_closing import (  # type: ignore[import-not-found]  # beside this file
    FLAG,
    close_gently,
)
from webstack_configuration import (  # type: ignore[import-not-found]  # beside this file
    CONFIGURATION,
    lead_back,
    lead_to,
    remember,
    started_with,
)
from webstack_gate import held  # type: ignore[import-not-found]  # beside this file
from webstack_log import begun, keep  # type: ignore[import-not-found]  # beside this file
from webstack_telling import keep_telling  # type: ignore[import-not-found]  # beside this file
from webstack_tickets import DAY, age, rotate  # type: ignore[import-not-found]  # beside this file
from webstack_upstreams import Upstreams  # type: ignore[import-not-found]  # beside this file
from webstack_workers import (  # type: ignore[import-not-found]  # beside this file
    wait_until_gone,
    workers,
)

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


def port(number: int) -> int:
    """The port that a borrowed socket listens on."""
    with socket.socket(fileno=os.dup(number)) as listening:
        return int(listening.getsockname()[1])


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
            _pass_on(nginx, number)


def _pass_on(nginx: subprocess.Popen[bytes], number: int) -> None:
    if number != signal.SIGQUIT or not close_gently():
        nginx.send_signal(number)
        return
    with held() if is_encrypted() else contextlib.nullcontext():
        old = workers(nginx.pid)
        nginx.send_signal(number)
        wait_until_gone(nginx.pid, old, 2)


def is_encrypted() -> bool:
    """Whether clients may come with TLS, and so with HTTP/2."""
    return b"ssl_session_ticket_key" in CONFIGURATION.read_bytes()


def renew_tickets() -> None:
    """Reload once a day, for another key of session tickets."""
    while True:
        time.sleep(600)
        if is_encrypted() and age() > DAY:
            subprocess.run(["webstack-reload"], check=False)


def forget(service: str) -> None:
    """Give nobody an answer of the release before."""
    if service in services():
        turn(service)


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
    lent = [borrowed(path) for path in os.environ["WEBSTACK_DESK"].split()]
    sockets = [number for _, numbers in lent for number in numbers]
    with contextlib.suppress(OSError):  # a full disk keeps no nginx from serving without them
        rotate()
    text = CONFIGURATION.read_bytes()
    lead_to(started_with(text, [port(number) for number in sockets]))
    remember(text)
    upstreams = Upstreams(followed=forget)
    upstreams.tend()
    log = begun()
    nginx = started(sys.argv[1:], sockets)
    for number in sockets:
        os.close(number)
    for desk, _ in lent:
        threading.Thread(target=watch, args=[desk], daemon=True).start()
    telling = partial(keep_telling, upstreams)
    for work in (upstreams.keep, renew_tickets, lead_back, keep_room, partial(keep, log), telling):
        threading.Thread(target=work, daemon=True).start()
    code = serve(nginx)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
