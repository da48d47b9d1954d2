"""The table of commands shows the cost of each command beside that of an earlier version."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.commands import Command, Cost, cost, measured, middle, missed, table

UP = Command("`up`", ("up",), goal=0.2)
STATUS = Command("`status`", ("status",))


def test_the_table_has_medians_the_most_of_memory_and_the_goal():
    found = {
        "`up`": {
            "before": [Cost(1, 0.9, 80), Cost(3, 1.0, 78), Cost(2, 1.1, 79)],
            "now": [Cost(0.1, 0.1, 20)],
        },
        "`status`": {"before": [Cost(1, 1, 1)], "now": [Cost(2, 1, 1)]},
    }
    assert [*table([UP, STATUS], found, [Cost(0.05, 0.04, 30)])][2:] == [
        "| `up` | 2.00 s, 1.00 CPU s, 80 MB | 0.10 s, 0.10 CPU s, 20 MB | 0.05 | ≤ 0.20 s |",
        "| `status` | 1.00 s, 1.00 CPU s, 1 MB | 2.00 s, 1.00 CPU s, 1 MB | 2.00 |  |",
        "| `docker-compose up -d` of four containers | | 0.05 s, 0.04 CPU s, 30 MB | | |",
    ]


def test_a_goal_is_missed_by_the_median():
    assert not missed(UP, [Cost(0.1, 0, 0), Cost(0.2, 0, 0), Cost(9, 0, 0)])
    assert missed(UP, [Cost(0.1, 0, 0), Cost(0.3, 0, 0), Cost(9, 0, 0)])
    assert not missed(STATUS, [Cost(99, 0, 0)])


def test_a_run_is_measured_with_its_children(tmp_path: Path):
    work = "import time, os; e = time.process_time() + 0.2\nwhile time.process_time() < e: pass"
    both = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}]); {work}"
    found = cost(tmp_path, (sys.executable, "-c", both.replace("; import", "\nimport")))
    assert found.cpu >= 0.4
    assert found.seconds >= 0.2


def test_what_the_benchmark_itself_has_in_memory_does_not_count(tmp_path: Path):
    ours = bytearray(b"x" * 150_000_000)
    assert 2 < cost(tmp_path, (sys.executable, "-c", "")).memory < 60
    assert len(ours) > 60 * 2**20


def test_a_command_that_fails_ends_it_with_what_it_said(tmp_path: Path):
    with pytest.raises(SystemExit, match="no luck"):
        cost(tmp_path, (sys.executable, "-c", "raise SystemExit('no luck')"))


def test_versions_take_turns(tmp_path: Path):
    order: list[str] = []
    for version in ("before", "now"):
        (tmp_path / version).mkdir()
    command = Command("", (sys.executable, "-c", ""), lambda project: order.append(project.name))
    found = measured(command, {name: tmp_path / name for name in ("before", "now")}, 2)
    assert order == ["before", "now", "before", "now"]
    assert [len(costs) for costs in found.values()] == [2, 2]
    assert middle(found["now"]).memory > 1
