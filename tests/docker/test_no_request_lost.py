"""No change of a stack loses a request: a short form of benchmarks.deploy_under_load."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.deploy_under_load import run
from benchmarks.load.clients import Traffic
from benchmarks.load.measure import failures
from benchmarks.load.scenarios import SCENARIOS
from benchmarks.load.trial import Trial, made
from infra.base_images import BaseNames

pytestmark = pytest.mark.docker

GRACE = 6
# What goes the same way as another scenario is left to the benchmark.
LEFT_OUT = {
    "new environment value",
    "new limits of nginx",
    "other path of that service",
    "replicas 2 → 1",
}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, base_images: BaseNames) -> Iterator[Trial]:
    """Bring up a stack of its own, with one service."""
    folder = tmp_path_factory.mktemp("trial") / "project"
    with made(folder, "embedded", GRACE) as trial:
        yield trial


def test_no_change_and_no_failure_of_a_change_loses_a_request(trial: Trial):
    traffic = Traffic(rate=120, slow=2, streams=False)
    chosen = [scenario for scenario in SCENARIOS if scenario.name not in LEFT_OUT]
    assert len(chosen) == len(SCENARIOS) - len(LEFT_OUT)
    results = list(run(trial, traffic, 10_000, chosen))
    assert list(failures(results)) == []
    assert sum(result.requests for result in results) >= 10_000


def test_streams_last_until_their_containers_have_drained(trial: Trial):
    traffic = Traffic(rate=50, slow=2, streams=True)
    names = {"new code", "new limits of nginx"}
    chosen = [scenario for scenario in SCENARIOS if scenario.name in names]
    assert list(failures(run(trial, traffic, 1, chosen))) == []
