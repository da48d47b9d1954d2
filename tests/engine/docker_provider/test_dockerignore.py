from __future__ import annotations

from pathlib import Path

import pytest

from engine.docker_provider.dockerignore import IgnoreRules, parse_ignore_file, read_ignore_file
from engine.provider import ProviderError


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
    ],
)
def test_matches_as_docker_does(pattern, path, left_out):
    assert IgnoreRules(parse_ignore_file(pattern)).ignores(path) is left_out


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

    assert IgnoreRules(parse_ignore_file(text)).ignores(path) is left_out


def test_comments_blank_lines_and_marks_are_no_patterns():
    assert parse_ignore_file("# no\n\n  a  \n!  b \n  # yes\n/\n") == ["a", "!b", "# yes", "/"]


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

    with pytest.raises(ProviderError, match=r"\.dockerignore cannot be read"):
        read_ignore_file(tmp_path, tmp_path / "Dockerfile")


def test_a_pattern_that_is_none_is_named():
    with pytest.raises(ProviderError, match="is not a pattern"):
        IgnoreRules(["[a"]).ignores("a")
