#!/usr/bin/python3 -IS
"""webstack-probe SOCKET PATH HOST SECONDS: wait until a server on a unix socket answers 200.

Exits 1 when it does not in time, and says what it answered last.
"""

import socket
import sys
import time

PAUSE = 0.1


def answer(path: str, request: bytes, seconds: float) -> bytes:
    """Send a request and give what comes back, at most some hundred bytes of it."""
    end = time.monotonic() + seconds
    received = b""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(path)
        connection.sendall(request)
        while len(received) < 600 and (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            part = connection.recv(600)
            if not part:
                break
            received += part
    return received


def probe(socket_path: str, path: str, host: str, seconds: float) -> str:
    """Give an empty text as soon as the answer is 200, else the last answer."""
    request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    end = time.monotonic() + seconds
    last = "none"
    while (left := end - time.monotonic()) > 0:
        try:
            received = answer(socket_path, request, left).decode(errors="replace")
        except OSError as error:
            last = str(error)
        else:
            first, _, rest = received.partition("\r\n")
            if first.split()[1:2] == ["200"]:
                return ""
            body = rest.partition("\r\n\r\n")[2]
            last = f"{first} {body}".strip() or "nothing"
        time.sleep(PAUSE)
    return last


if __name__ == "__main__":
    target, path, host, seconds = sys.argv[1:]
    if last := probe(target, path, host, float(seconds)):
        sys.exit(f"no 200 from {path} on {target} within {seconds} s; the last answer: {last}")
