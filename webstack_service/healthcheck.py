"""Checks the health of a service: exit 0 if /healthz answers 200 on its socket.

A HEALTHCHECK of an image runs this file as a script.
"""

from __future__ import annotations

import os
import socket
import sys

QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
SECONDS = 5


def healthy(address: str) -> bool:
    """Ask the server on a unix socket how it is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect(address)
        connection.sendall(QUESTION)
        return connection.recv(64).startswith(b"HTTP/1.1 200 ")


if __name__ == "__main__":
    sys.exit(not healthy(os.environ["WEBSTACK_SOCKET"]))
