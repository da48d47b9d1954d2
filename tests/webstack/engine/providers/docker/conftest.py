"""A Docker daemon of prepared answers, and what the Pulumi provider recorded of real ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.registry.credentials import Credentials
from webstack.engine.providers.docker.resource.resource import DockerSite


class ScriptedDaemon:
    """Answers calls from ``answers`` (a list is used up, its last element stays) and notes them.

    Keys are ``"METHOD path"``; an exception as answer is raised; what is not listed is not found.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.calls: list[str] = []
        self.details: dict[str, dict[str, Any]] = {}

    def call(self, method: str, path: str, **details: Any) -> Any:
        return self._answer(f"{method} {path}", details)

    def stream(self, path: str, **details: Any) -> Iterator[dict[str, Any]]:
        content = details.get("content")
        if content is not None and not isinstance(content, bytes):
            details["content"] = b"".join(content)
        yield from self._answer(f"POST {path}", details)

    def read(self, path: str, **details: Any) -> bytes:
        answer: bytes = self._answer(f"GET {path}", details)
        return answer

    def api_version(self) -> tuple[int, ...]:
        return (1, 41)

    def _answer(self, key: str, details: dict[str, Any]) -> Any:
        self.calls.append(key)
        self.details[key] = details
        answer = self.answers.get(key, DaemonRefusedError(404, f"no such thing: {key}"))
        if isinstance(answer, list) and key.startswith("GET /containers"):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def changes(self) -> list[str]:
        """Give the calls that change something."""
        return [call for call in self.calls if not call.startswith("GET")]


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def daemon() -> ScriptedDaemon:
    return ScriptedDaemon()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[tuple[str, str]]:
    """Give the messages that were reported as progress."""
    return []


@pytest.fixture
def site(daemon, clock, told) -> DockerSite:
    def report(resource: str, line: str) -> None:
        told.append((resource, line))

    credentials = Credentials({}, lambda registry, file: None)
    return DockerSite(daemon, credentials, report, clock.sleep, clock.now)


RECORDINGS = Path(__file__).parent / "recordings"


def load(name: str) -> Any:
    return json.loads((RECORDINGS / name).read_text())


@pytest.fixture(scope="session")
def recorded() -> Mapping[str, Any]:
    """Give the stored resources of the Pulumi provider, and Docker's answers for them."""
    resources: Mapping[str, Any] = load("resources.json")
    return resources


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each recording: ``resource``, ``inspected``, ``recorded_diff``."""
    resources = load("resources.json")
    if "resource" in metafunc.fixturenames:
        metafunc.parametrize("resource", resources.values(), ids=list(resources))
    if "inspected" in metafunc.fixturenames:
        # Images and tags are read by more than one call; see their own tests.
        told = {name: item for name, item in resources.items() if name not in ("img", "tag")}
        metafunc.parametrize("inspected", told.values(), ids=list(told))
    if "recorded_diff" in metafunc.fixturenames:
        cases = load("diffs.json")
        names = [f"{case['on']}-{json.dumps(case['change'])}" for case in cases]
        metafunc.parametrize("recorded_diff", cases, ids=names)
