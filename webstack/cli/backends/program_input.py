"""Hands a release's record to the program: through memory, so that no secret touches a disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from webstack.contract.variables import RETURNING


@contextmanager
def release_as_input(record: str, kept: Mapping[str, Any]) -> Iterator[None]:
    """Let the program, here or in a process of this user, find what it is to declare.

    The file is one in memory, and gone with this process however that ends.
    """
    descriptor = os.memfd_create("release")
    try:
        os.write(descriptor, json.dumps({"record": record, "kept": kept}).encode())
        os.environ[RETURNING] = f"/proc/{os.getpid()}/fd/{descriptor}"
        yield
    finally:
        os.environ.pop(RETURNING, None)
        os.close(descriptor)
