"""The user that each service runs as."""

from __future__ import annotations

import zlib


def user_id(service: str) -> int:
    """Give the numeric user (and group) of a service: the same on every machine, from its name.

    Two names can give one number: ``checks`` refuses such a pair.
    """
    return 20_000 + zlib.crc32(service.encode()) % 10_000
