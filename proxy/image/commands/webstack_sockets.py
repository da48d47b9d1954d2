"""Sockets of services, looked at without following what stands in their place.

A container that was broken into may put a link, a folder or a listener of its own where a socket
belongs. So a socket is opened by its inode, and a connection goes to that inode, whatever its name
means by then. A name like `3f9c2a71-0.41234.sock` says which group its container runs with: the
kernel tells the group of whoever listens, and no other container can take it on.
"""

import errno
import os
import re
import socket
import stat
import struct

_GROUP = re.compile(r".*[.](\d+)[.]sock", re.DOTALL)
_CREDENTIALS = struct.Struct("3i")


def opened(path: str) -> int:
    """Give a descriptor of the socket that stands there itself; raises OSError where none does."""
    number = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if stat.S_ISSOCK(os.fstat(number).st_mode):
        return number
    os.close(number)
    raise OSError(errno.ENOTSOCK, "no socket, but something else stands there")


def reached(number: int, path: str, seconds: float) -> socket.socket:
    """Connect to who listens on an opened socket; raises OSError unless it is the right one."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        connection.connect(f"/proc/self/fd/{number}")
        named = _GROUP.fullmatch(path)
        if named and _group(connection) != int(named.group(1)):
            raise OSError(errno.ECONNABORTED, "another container listens there")
    except BaseException:
        connection.close()
        raise
    return connection


def connected(path: str, seconds: float) -> socket.socket:
    """Do both."""
    number = opened(path)
    try:
        return reached(number, path, seconds)
    finally:
        os.close(number)


def _group(connection: socket.socket) -> int:
    """The group of the process at the other end, when it began to listen."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[2])
