"""Closing connections in good order, before nginx stops or reloads.

nginx then closes idle kept-alive connections at once, and a request that crosses that is lost. So
for a moment before, while a flag file is there, it makes every answer the last on its connection.
The flag says since when (monotonic seconds) and who has put it there.
"""

import contextlib
import os
import re
import socket
import time
from pathlib import Path

FLAG = Path("/run/nginx/closing")
HEALTH_SOCKET = "/run/nginx/health.sock"

# A request that began before the flag was there ends without a word of closing: most are shorter.
# A client that asks more rarely than every three seconds may still meet the end of its connection.
# And nginx may see the flag a second late.
SHORTEST = 2.0
LONGEST = 4.3


def announce() -> str:
    """Make every answer the last on its connection; gives the flag, which counts from the first."""
    try:
        began = FLAG.read_text().split()[0]
    except (OSError, IndexError):
        began = str(time.monotonic())
    flag = f"{began} {os.getpid()}"
    draft = FLAG.with_name(f"closing.{os.getpid()}")
    draft.write_text(flag)
    draft.replace(FLAG)
    return flag


def withdraw(flag: str) -> None:
    """Take a flag away, unless somebody has put another in its place."""
    with contextlib.suppress(FileNotFoundError):
        if FLAG.read_text() == flag:
            FLAG.unlink()


def close_gently() -> bool:
    """Have clients leave idle connections; the flag stays, for the caller to remove.

    Returns at once, and false, where there is no client, else as soon as no connection is idle.
    What was announced ahead is not waited for again.
    """
    active, _ = connections()
    if active <= 1:  # our own
        return False
    began = float(announce().split()[0])
    time.sleep(max(0.0, began + SHORTEST - time.monotonic()))
    while time.monotonic() < began + LONGEST:
        _, idle = connections()
        if not idle:
            break
        time.sleep(0.1)
    return True


def connections() -> tuple[int, int]:
    """How many connections nginx has, and how many of them wait for a request."""
    text = ""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(HEALTH_SOCKET)
        connection.sendall(b"GET /status HTTP/1.0\r\n\r\n")
        while part := connection.recv(4096):
            text += part.decode()
    found = re.search(r"Active connections: (\d+).*Waiting: (\d+)", text, re.DOTALL)
    return (int(found[1]), int(found[2])) if found else (0, 0)
