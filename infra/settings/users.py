"""The user that each service runs as."""

from __future__ import annotations

import zlib


def user_id(service: str) -> int:
    """Compute the number of a service's user and group from its name.

    It is the same on every machine. Two names can give one number: ``checks`` refuses such a pair.
    """
    return 20_000 + zlib.crc32(service.encode()) % 10_000
