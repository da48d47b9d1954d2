"""Hands a release's record to the program: through memory, so that no secret touches a disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from webstack.contract.variables import RETURNING


@contextmanager
def release_as_input(record: str, kept: Mapping[str, Any], in_force: str) -> Iterator[None]:
    """Let the program, here or in a process of this user, find what it is to declare.

    ``in_force`` is the record of the release of now.

    The file is one in memory, and gone with this process however that ends.
    """
    given = {"record": record, "kept": kept, "in_force": in_force}
    descriptor = os.memfd_create("release")
    try:
        os.write(descriptor, json.dumps(given).encode())
        os.environ[RETURNING] = f"/proc/{os.getpid()}/fd/{descriptor}"
        yield
    finally:
        os.environ.pop(RETURNING, None)
        os.close(descriptor)
