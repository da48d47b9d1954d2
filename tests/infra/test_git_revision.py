"""A release knows its commit, or the user is told why it does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra.git_revision import origin
from infra.model.records import Origin


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a")
    return tmp_path


def test_a_checkout_has_a_commit_and_may_have_changes(checkout: Path):
    said: list[str] = []
    commit = git(checkout, "rev-parse", "HEAD").strip()
    assert origin(str(checkout), said.append) == Origin(commit, clean=True)
    (checkout / "a").write_text("2")
    assert origin(str(checkout), said.append) == Origin(commit, clean=False)
    assert said == []


def test_a_folder_outside_of_git_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    said: list[str] = []
    assert origin(str(tmp_path), said.append) == Origin()
    assert said == []


def test_a_checkout_of_another_user_s_is_told_with_the_way_out(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    said: list[str] = []
    assert origin(str(checkout), said.append) == Origin()
    (line,) = said
    assert line.startswith(f"another user owns the checkout of {checkout}, so that git does not")
    assert f"`git config --global --add safe.directory {checkout}` lets it" in line
    assert "\n" not in line
