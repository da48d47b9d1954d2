from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.image.context_digest import (
    context_digest,
    go_mode,
    resolve_links,
)

# What the Pulumi provider computed for the tree of the fixture.
RECORDED = "5f2bc5b7a485fa0665c0a0a40079466d753980db2038c8ece885859d0b65ee8c"
RECORDED_WITH_OTHER_DOCKERFILE = "fffd605e269744ba43a106f27dba2a3612a405e404cde9240b4837de4950697d"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Write nested folders, an executable, a set-uid file, ignored files, links, one to nowhere."""
    monkeypatch.chdir(tmp_path)
    write("site/Dockerfile", "FROM base\n")
    write("site/a.txt", "hello\n")
    write("site/run.sh", "#!/bin/sh\n", 0o755)
    write("site/sub/deep/b.txt", "deep\n")
    write("site/sub.txt", "beside\n")
    write("site/noise.log", "noise")
    write("site/sub/noise.log", "noise")
    write("site/.dockerignore", "**/*.log\n!sub/noise.log\n")
    write("site/tool", "t", 0o4755)
    write("site/ümlaut", "u")
    write("other.Dockerfile", "FROM other\n")
    Path("site/link").symlink_to("a.txt")
    Path("site/sub/away").symlink_to("../elsewhere")
    return tmp_path


def write(name: str, content: str, mode: int = 0o644) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)


def test_is_the_pulumi_providers_digest(tree):
    assert context_digest("site", "site/Dockerfile") == RECORDED
    assert context_digest("./site/", "site/Dockerfile") == RECORDED
    assert context_digest("site", "other.Dockerfile") == RECORDED_WITH_OTHER_DOCKERFILE


def digest():
    return context_digest("site", "site/Dockerfile")


@pytest.mark.parametrize(
    "change",
    [
        lambda: write("site/a.txt", "hello!\n"),
        lambda: write("site/new.txt", ""),
        lambda: Path("site/a.txt").chmod(0o600),
        lambda: Path("site/a.txt").rename("site/b.txt"),
        lambda: write("site/Dockerfile", "FROM other\n"),
        lambda: write("site/.dockerignore", ""),
    ],
)
def test_changes_with_names_modes_and_content(tree, change):
    before = digest()
    change()

    assert digest() != before


@pytest.mark.parametrize(
    "change",
    [
        lambda: os.utime("site/a.txt", (0, 0)),
        lambda: write("site/noise.log", "more"),
        lambda: Path("site/empty").mkdir(),
        lambda: write("beside/it.txt", ""),
    ],
)
def test_does_not_change_with_anything_else(tree, change):
    """Times, ignored files, empty folders and files outside do not count."""
    before = digest()
    change()

    assert digest() == before


def test_special_files_are_not_read(tree):
    """Reading a pipe would wait for ever."""
    os.mkfifo("site/pipe")

    assert digest() != RECORDED


def test_a_file_that_cannot_be_read_is_named(tree, monkeypatch):
    allow = open

    def refuse(path, *arguments, **options):
        if str(path) == "site/Dockerfile":
            raise PermissionError(13, "Permission denied", path)
        return allow(path, *arguments, **options)

    monkeypatch.setattr("builtins.open", refuse)

    with pytest.raises(ProviderError, match="site/Dockerfile: Permission denied"):
        digest()


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (stat.S_IFREG | 0o644, "-rw-r--r--"),
        (stat.S_IFREG | 0o4755, "urwxr-xr-x"),
        (stat.S_IFREG | 0o2755, "grwxr-xr-x"),
        (stat.S_IFREG | 0o1644, "trw-r--r--"),
        (stat.S_IFLNK | 0o777, "Lrwxrwxrwx"),
        (stat.S_IFIFO | 0o644, "prw-r--r--"),
        (stat.S_IFSOCK | 0o755, "Srwxr-xr-x"),
    ],
)
def test_writes_modes_as_go_does(mode, text):
    assert go_mode(mode) == text


def test_follows_links_and_stays_relative(tree):
    Path("site/first").symlink_to("sub/second")
    Path("site/sub/second").symlink_to("../a.txt")
    Path("site/absolute").symlink_to(tree / "site" / "a.txt")
    Path("site/round").symlink_to("round")

    assert resolve_links("site/first") == "site/a.txt"
    assert resolve_links("./site/link") == "site/a.txt"
    assert resolve_links("site/absolute") == str(tree / "site" / "a.txt")
    with pytest.raises(OSError, match="symbolic links"):
        resolve_links("site/round")


def test_a_socket_in_the_context_is_no_problem(tree):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("site/s.sock")

        assert digest() != RECORDED
