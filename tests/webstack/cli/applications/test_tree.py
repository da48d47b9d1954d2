"""A folder from outside is read within bounds, and nothing in it is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from webstack.cli.applications import tree
from webstack.cli.applications.tree import read_tree
from webstack.cli.terminal.errors import OpsError


def test_it_reads_what_may_say_something(tmp_path: Path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/app.py").write_text("x = 1")
    (tmp_path / "Dockerfile").write_text("FROM a")
    (tmp_path / "logo.png").write_bytes(b"\0")
    found = read_tree(tmp_path)
    assert found.names == {"shop/app.py", "Dockerfile", "logo.png"}
    assert set(found.texts) == {"shop/app.py", "Dockerfile"}
    assert found.has_folder("shop")
    assert not found.has_folder("sho")


def test_links_pipes_and_folders_of_tools_are_passed_over(tmp_path: Path):
    outside = tmp_path / "secret.py"
    outside.write_text("secret")
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "link.py").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.py")
    for name in (".git", "node_modules", ".venv"):
        (folder / name).mkdir()
        (folder / name / "x.py").write_text("x")
    assert read_tree(folder).names == frozenset()


def test_what_is_large_or_no_text_is_named_and_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tree, "LARGEST", 10)
    monkeypatch.setattr(tree, "MOST_TEXT", 12)
    (tmp_path / "a.py").write_text("x" * 11)
    (tmp_path / "b.py").write_bytes(b"\0")
    (tmp_path / "c.py").write_text("x" * 10)
    (tmp_path / "d.py").write_text("x" * 3)
    found = read_tree(tmp_path)
    assert found.names == {"a.py", "b.py", "c.py", "d.py"}
    assert set(found.texts) == {"c.py"}


def test_too_many_files_are_no_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tree, "MOST_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}").touch()
    with pytest.raises(OpsError, match="more than 2 files"):
        read_tree(tmp_path)


def test_deep_folders_end_somewhere(tmp_path: Path):
    folder = tmp_path
    for _ in range(tree.DEEPEST + 3):
        folder = folder / "d"
        folder.mkdir()
        (folder / "x.py").touch()
    assert len(read_tree(tmp_path).names) == tree.DEEPEST


def test_tests_and_documentation_are_no_part_of_the_application(tmp_path: Path):
    for name in ("tests/a.py", "docs/a.py", "test_b.py", "b/a.py", "a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert read_tree(tmp_path).python() == ["a.py", "b/a.py"]


def test_a_folder_that_is_none_is_said_to_be_none(tmp_path: Path):
    with pytest.raises(OpsError, match="is no folder"):
        read_tree(tmp_path / "absent")
