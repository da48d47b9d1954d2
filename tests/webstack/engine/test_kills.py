"""A run is killed at every single point where it touches the disk or the world."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.webstack.engine.kill_loop import SCENARIOS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_the_next_run_ends_well_wherever_the_last_one_was_killed(scenario, tmp_path):
    """Nothing is orphaned, doubled or forgotten, and a further run has nothing to do."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tests/webstack/engine/kill_loop.py"), str(tmp_path), scenario],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    reports = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [report for report in reports if "failed" in report] == [], ran.stderr
    *killed, last = reports
    assert len(killed) > 25
    assert all(report["killed"] for report in killed)
    assert not last["killed"]
    for report in reports:
        assert outcome(report) == outcome(last), report
        assert report["second"].keys() == {"same"}
        assert report["locks"] == 0
        assert report["litter"] == []


def outcome(report):
    """Give the parts that must be the same after any run; autonames differ in their random part."""
    world = [re.sub(r"-[0-9a-f]{7}$", "-*", name) for name in report["world"]]
    return world, report["state"], report["second"]
