"""Files that no image should hold are told before anything is built."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.images import sources
from infra.images.content import Context
from webstack.docker.archiving import archiving_here
from webstack.docker.errors import ContextError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path


def read(folder: Path) -> Context:
    return Context.of(folder, folder / "Dockerfile")


def test_a_pipe_is_named_and_not_waited_for(folder: Path):
    os.mkfifo(folder / "queue")
    with pytest.raises(ContextError, match=r"^queue is a pipe; remove it, or name it in \.docker"):
        read(folder)
    (folder / ".dockerignore").write_text("queue\n")
    assert set(read(folder).files) == {".dockerignore", "Dockerfile"}


def test_a_device_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "null").symlink_to("/dev/null")
    monkeypatch.setattr(os, "lstat", os.stat)
    with pytest.raises(ContextError, match=r"^null is a device"):
        read(folder)


def test_a_name_that_is_no_text_is_shown_escaped(folder: Path):
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9\x1b.txt")).write_text("")
    with pytest.raises(ContextError, match=r"the name caf\\xe9\\u001b\.txt is not UTF-8"):
        read(folder)


def test_links_count_by_where_they_lead_to_and_are_not_followed(folder: Path):
    (folder / "round").symlink_to("round")
    (folder / "out").symlink_to("/dev/zero")
    before = read(folder)
    (folder / "out").unlink()
    (folder / "out").symlink_to("/dev/full")
    assert read(folder).digest != before.digest


def test_too_many_files_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MOST_FILES", 3)
    for name in "abc":
        (folder / name).write_text("")
    with pytest.raises(ContextError, match=r"more than 3 files; name in \.dockerignore what"):
        read(folder)


def test_too_large_files_are_told_without_reading_them(folder: Path):
    with (folder / "disk.img").open("wb") as file:
        file.truncate(sources.MOST_BYTES + 1)
    with pytest.raises(ContextError, match=r"more than 2 GiB; name in \.dockerignore what"):
        read(folder)


def test_a_script_with_line_ends_of_windows_is_told(folder: Path):
    (folder / "run.sh").write_bytes(b"#!/bin/sh\r\necho\r\n")
    with pytest.raises(ContextError, match=r"^the script run\.sh has the line ends of Windows"):
        read(folder)
    (folder / "run.sh").write_bytes(b"#!/bin/sh\necho '\r\n'\n")
    assert "run.sh" in read(folder).files


def test_what_pulumi_docker_would_not_send_is_told_where_it_archives(folder: Path):
    """Otherwise one tag would hold different files under the two runners."""
    (folder / ".dockerignore").write_text("*\n!projects/*/src\n")
    (folder / "projects/api/src").mkdir(parents=True)
    (folder / "projects/api/src/version.py").write_text("1")
    with pytest.raises(ContextError, match=r"takes in projects/api/src below a folder that it"):
        read(folder)
    with archiving_here():
        assert "projects/api/src/version.py" in read(folder).files
    (folder / ".dockerignore").write_text("*\n!projects\nprojects/*/*\n!projects/*/src\n")
    assert "projects/api/src/version.py" in read(folder).files
