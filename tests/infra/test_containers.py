"""What is asked of the containers of an engine, and how it is understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.containers import Containers


class Engine:
    """One container, and what the engine still knows of its exits."""

    def __init__(self, status: str, codes: list[str]) -> None:
        self._status, self._codes = status, codes
        self.asked: dict[str, Any] = {}

    def inspect_container(self, _name: str) -> dict[str, Any]:
        ended = "2026-11-22T05:32:04.123456789Z"
        return {"State": {"Status": self._status, "ExitCode": 0, "FinishedAt": ended}}

    def events(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked = asked
        yield from ({"Actor": {"Attributes": {"exitCode": code}}} for code in self._codes)


@pytest.mark.parametrize(
    ("status", "codes", "expected"),
    [("exited", ["7"], 0), ("running", ["7"], 7), ("running", [], None)],
)
def test_an_exit_code_is_told_also_of_a_container_that_was_started_again(
    status: str, codes: list[str], expected: int | None
):
    assert Containers(Engine(status, codes)).exit_code("shop") == expected


def test_the_engine_is_asked_for_the_exit_alone():
    engine = Engine("running", ["7"])
    Containers(engine).exit_code("shop")
    assert (engine.asked["since"], engine.asked["until"]) == (1795325524, 1795325526)
    assert engine.asked["filters"] == {"container": "shop", "event": "die"}
