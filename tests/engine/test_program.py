"""How the engine runs a program: what it keeps of it, and what it must not keep."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.engine.stacks import shop

SIZE = 'Thing("a", size={})\n'


@pytest.fixture(autouse=True)
def compiling(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def compiled(made):
    return list(made.root.glob("__pycache__/__main__.*"))


def test_a_second_edit_within_a_second_is_seen(tmp_path):
    made = shop(tmp_path / "shop", SIZE.format(1))
    now = int(time.time())
    for size in (1, 2, 3):
        made.program(SIZE.format(size))
        os.utime(made.root / "__main__.py", (now, now))
        made.run("up")
        assert made.world.things()["a"]["size"] == size


def test_a_program_left_alone_is_compiled_once(tmp_path):
    made = shop(tmp_path / "shop", SIZE.format(1))
    made.run("preview")
    assert not compiled(made)
    os.utime(made.root / "__main__.py", (1_000_000_000, 1_000_000_000))
    made.run("preview")
    assert compiled(made)
