from __future__ import annotations

import os
from pathlib import Path

import pytest

from webstack.docker.build_context import Sending
from webstack.docker.errors import ContextError
from webstack.docker.ignore_file import LIMIT, parse_ignore_file, read_ignore_file
from webstack.docker.ignore_rules import IgnoreRules


@pytest.mark.parametrize(
    ("pattern", "path", "left_out"),
    [
        ("a.txt", "a.txt", True),
        ("a.txt", "sub/a.txt", False),
        ("sub", "sub/a.txt", True),
        ("*.log", "a.log", True),
        ("*.log", "sub/a.log", False),
        ("**/*.log", "sub/deep/a.log", True),
        ("**/*.log", "a.log", True),
        ("**/cache", "x/cache/y", True),
        ("**/cache", "x/mycache", False),
        ("**cache", "x/mycache", True),
        ("sub/**", "sub/a", True),
        ("sub/**", "sub", False),
        ("**", "anything/at/all", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[ab].txt", "b.txt", True),
        ("[^ab].txt", "b.txt", False),
        ("[a-c].txt", "b.txt", True),
        ("a.b", "axb", False),
        ("a+b", "a+b", True),
        (r"\*", "*", True),
        (r"\*", "x", False),
        ("/rooted", "rooted", True),
        ("./sub/../a", "a", True),
        ("*", ".hidden", True),
        ("[!a].txt", "b.txt", False),
        ("[!a].txt", "!.txt", True),
        ("[^a]*", "b", True),
        ("[[:digit:]]x", "1x", True),
        ("a^b", "a^b", True),
        ("../a", "a", False),
        ("../*", "a", False),
        ("a**", "ab/c", True),
        ("**/b/**", "a/b/c", True),
        ("***", "a/b", True),
        ("//a//b/", "a/b", True),
        ("a.b**", "a.bc", True),
        ("*", "with\nline end", True),
        (".", "a", False),
        ("é?", "éa", True),
    ],
)
def test_matches_as_docker_does(pattern, path, left_out):
    assert IgnoreRules(parse_ignore_file(pattern.encode())).ignores(path) is left_out


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        ("README.md", True),
        ("app/main.py", False),
        ("app/secret.txt", True),
        ("app/deep/secret.txt", True),
        ("lib/x/src/a", False),
        ("lib/x/dist/a", True),
    ],
)
def test_the_last_matching_line_decides(path, left_out):
    text = "# all but two\n*\n!app\n!lib/*/src\n**/secret.txt\n"

    assert IgnoreRules(parse_ignore_file(text.encode())).ignores(path) is left_out


def test_comments_blank_lines_and_marks_are_no_patterns():
    assert parse_ignore_file(b"# no\n\n  a  \n!  b \n  # yes\n/\n") == ["a", "!b", "# yes", "/"]


def test_a_directory_is_pruned_only_if_nothing_below_comes_back():
    """Otherwise the walk would miss files that an exception takes in again."""
    assert IgnoreRules(["node_modules"]).may_prune("node_modules")
    assert IgnoreRules(["*", "!app/main.py"]).may_prune("docs")
    assert not IgnoreRules(["*", "!app/main.py"]).may_prune("app")
    assert not IgnoreRules(["*", "!*/main.py"]).may_prune("docs")


def test_the_dockerfiles_own_list_goes_first(tmp_path: Path):
    (tmp_path / ".dockerignore").write_text("general")
    dockerfile = tmp_path / "web.Dockerfile"
    assert read_ignore_file(tmp_path, dockerfile) == ["general"]

    (tmp_path / "web.Dockerfile.dockerignore").write_text("\ufeffspecial")
    assert read_ignore_file(tmp_path, dockerfile) == ["special"]


def test_without_a_list_nothing_is_left_out(tmp_path: Path):
    assert read_ignore_file(tmp_path, tmp_path / "Dockerfile") == []


def test_a_list_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / ".dockerignore").mkdir()

    with pytest.raises(ContextError, match=r"\.dockerignore cannot be read"):
        read_ignore_file(tmp_path, tmp_path / "Dockerfile")


@pytest.mark.parametrize("pattern", ["[a", "[]", "[^]", "[]a]", "[a-]", "[-a]", "a\\", "[a\\"])
def test_a_pattern_that_is_none_is_named(pattern):
    with pytest.raises(ContextError, match=r"\.dockerignore: .* is not a pattern"):
        IgnoreRules([pattern])


@pytest.mark.parametrize("pattern", ["!", "!/"])
def test_a_mark_alone_is_no_pattern(pattern):
    with pytest.raises(ContextError, match='"!" alone'):
        IgnoreRules(parse_ignore_file(pattern.encode()))


def test_a_range_that_ends_before_it_begins_is_named():
    with pytest.raises(ContextError, match="is not a pattern"):
        IgnoreRules(["[z-a]"]).ignores("a")


def test_only_line_feeds_end_a_line():
    assert parse_ignore_file("a\x0bb\r\nc\x85d\u2028e\n".encode()) == ["a\x0bb", "c\x85d\u2028e"]


def test_a_pattern_made_to_take_for_ever_takes_no_time():
    """A pull request may bring such a pattern; the time would double with each of its wildcards."""
    rules = IgnoreRules(["*a" * 40 + "b", "**/a/" * 40 + "b"])
    assert not rules.ignores("a" * 255)
    assert not rules.ignores("/".join(["a"] * 200))


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_a_list_that_is_a_pipe_or_endless_is_not_waited_for(tmp_path: Path, name: str):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    os.mkfifo(tmp_path / name)
    with pytest.raises(ContextError, match="is not a regular file"):
        Sending.of(tmp_path, tmp_path / "Dockerfile")
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(ContextError, match="is not a regular file"):
        Sending.of(tmp_path, tmp_path / "Dockerfile")
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(b"\n" * (LIMIT + 1))
    with pytest.raises(ContextError, match="has more than 1 MiB"):
        Sending.of(tmp_path, tmp_path / "Dockerfile")
