"""Containers that answer each command with one prepared output, for tests without a daemon."""

from __future__ import annotations

from typing import Any


class Prepared:
    """Containers that all give the same output; ``asked`` has the names of those that were asked.

    It stands for Docker's client as well as for its API.
    """

    def __init__(self, said: bytes) -> None:
        self.said, self.api = said, self
        self.asked: list[str] = []

    def exec_create(self, name: str, _command: list[str], **_: Any) -> dict[str, str]:
        self.asked.append(name)
        return {"Id": name}

    def exec_start(self, _job: str) -> bytes:
        return self.said
