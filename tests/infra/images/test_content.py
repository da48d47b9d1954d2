"""The same content has the same digest, whatever the clock and the path were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.images.content import Context, digest, summed_up


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "app").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "app" / "main.py").write_text("print()\n")
    return folder


def of(folder: Path) -> str:
    return Context.of(folder, folder / "Dockerfile").digest


def test_times_and_places_do_not_count(context: Path):
    before = of(context)
    os.utime(context / "app" / "main.py", (0, 0))
    assert of(context.rename(context.with_name("elsewhere"))) == before


@pytest.mark.parametrize(
    "change", ["content", "name", "mode", "link", "dockerfile", "readable", "folder"]
)
def test_what_the_engine_would_receive_counts(context: Path, change: str):
    before = of(context)
    main = context / "app" / "main.py"
    match change:
        case "content":
            main.write_text("print(1)\n")
        case "name":
            main.rename(context / "app" / "other.py")
        case "mode":
            main.chmod(0o755)
        case "readable":
            main.chmod(0o600)
        case "folder":
            (context / "app").chmod(0o700)
        case "link":
            (context / "link").symlink_to("app/main.py")
        case "dockerfile":
            (context / "Dockerfile").write_text("FROM scratch\nUSER 1\n")
    assert of(context) != before


def test_ignored_files_do_not_count(context: Path):
    (context / ".dockerignore").write_text("**/__pycache__\n*.md\n")
    before = of(context)
    (context / "README.md").write_text("words")
    (context / "app" / "__pycache__").mkdir()
    (context / "app" / "__pycache__" / "main.pyc").write_bytes(b"\0")
    assert of(context) == before


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert len(digest({})) == 8


def test_each_file_has_digits_of_its_own(context: Path):
    before = Context.of(context, context / "Dockerfile").files
    (context / "app" / "main.py").write_text("print(1)\n")
    after = Context.of(context, context / "Dockerfile").files
    assert {name for name in before if before[name] != after[name]} == {"app/main.py"}
    assert set(after) == {"Dockerfile", "app/main.py"}


def test_many_files_are_summed_up_by_their_deepest_folders():
    files = {f"app/a/{number}": str(number) for number in range(9)} | {"app/main.py": "1", "x": "2"}
    few = summed_up(files, limit=4)
    assert set(few) == {"app/a/", "app/main.py", "x"}
    assert summed_up({**files, "app/a/3": "other"}, limit=4)["app/a/"] != few["app/a/"]
    assert summed_up(files, limit=11) == files
