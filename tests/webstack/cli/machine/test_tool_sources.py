from __future__ import annotations

from pathlib import Path

import pytest

from tests.webstack.cli.projects.wheels import make_wheel
from webstack.cli.machine.bootstrap import project_of
from webstack.cli.machine.tool_sources import Checkout, KeptWheel, tool_of
from webstack.cli.machine.virtualenv import wheelhouse
from webstack.cli.terminal.errors import OpsError


def test_a_project_with_the_tool_s_modules_is_a_checkout(tmp_path: Path):
    (tmp_path / "webstack").mkdir()
    (tmp_path / "webstack/__init__.py").touch()
    assert tool_of(tmp_path) == Checkout(tmp_path)


def test_another_one_runs_on_the_one_wheel_that_it_keeps(tmp_path: Path):
    wheel = make_wheel(tmp_path / "wheels")
    assert tool_of(tmp_path) == KeptWheel(tmp_path, wheel)
    make_wheel(tmp_path / "wheels", "2.0.0")
    with pytest.raises(OpsError, match="holds 2 wheels of webstack; keep one"):
        tool_of(tmp_path)


def test_a_project_without_any_is_told_in_one_line(tmp_path: Path):
    with pytest.raises(OpsError, match="holds 0 wheels of webstack"):
        tool_of(tmp_path)


def test_the_locks_come_out_of_the_wheel_and_the_project_s_own_after_them(tmp_path: Path):
    tool = KeptWheel(tmp_path, make_wheel(tmp_path / "wheels"))
    names = [Path(lock).name for lock in tool.locks(False, tmp_path)]
    assert names == ["requirements.txt", "requirements-setup.txt"]
    assert "pulumi==" in (tmp_path / "requirements.txt").read_text()


def test_an_environment_is_current_by_wheel_locks_and_own_packages(tmp_path: Path):
    tool = KeptWheel(tmp_path, make_wheel(tmp_path / "wheels"))
    for_running, for_tests = dict(tool.contents(False)), dict(tool.contents(True))
    assert for_running.items() <= for_tests.items()
    assert "requirements-tests.txt" in for_tests
    (tmp_path / "requirements.txt").write_text("own==1\n")
    assert dict(tool.contents(False))["own packages"] == b"own==1\n"


def test_a_damaged_wheel_is_told_in_one_line(tmp_path: Path):
    wheel = tmp_path / "wheels/webstack-1.0.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"half")
    with pytest.raises(OpsError, match="is no whole wheel of webstack; check it out again"):
        dict(tool_of(tmp_path).contents(False))


def test_a_module_belongs_to_its_checkout_or_to_the_project_around_its_wheel(tmp_path: Path):
    module = "webstack/cli/machine/bootstrap.py"
    assert project_of(tmp_path / module) == tmp_path
    wheel = make_wheel(tmp_path / "wheels")
    assert project_of(wheel / module) == tmp_path


def test_a_wheelhouse_stands_for_any_index(tmp_path: Path):
    assert wheelhouse(tmp_path) == ()
    (tmp_path / "wheelhouse").mkdir()
    assert wheelhouse(tmp_path) == ("--no-index", "--find-links", f"{tmp_path}/wheelhouse")
