"""One reader takes the words of settings files for what the Pulumi CLI takes them for."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from webstack.contract import yaml_settings
from webstack.contract.yaml_composer import MalformedError
from webstack.contract.yaml_settings import as_text, parsed, read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("TRUE", True),
        ("false", False),
        ("tRue", "tRue"),
        ("10:30", "10:30"),
        ("1:30:00", "1:30:00"),
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
        ("2026-12-24", "2026-12-24"),
        ("127.0.0.1", "127.0.0.1"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("...x", "...x"),
        ("1e3", 1000),
        ("2.50", 2.5),
        (".5", 0.5),
        ("-5", -5),
        ("+5", 5),
        ("1_000", 1000),
        ("0123", 83),
        ("089", 89),
        ("0o17", 15),
        ("0b11", 3),
        ("0x1F", 31),
        ("18446744073709551615", 2**64 - 1),
        ("1e400", "1e400"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'12'", "12"),
        ('"off"', "off"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("&a [x, y]", ["x", "y"]),
        ("{a: 1, 2: b, true: c}", {"a": 1, "2": "b", "true": "c"}),
    ],
)
def test_words_are_what_the_pulumi_cli_takes_them_for(written: str, value: Any):
    """The values are those of Pulumi 3.272; only a time stays as it is, which the CLI rewrites."""
    found = parsed(f"{{key: {written}}}")
    assert found == {"key": value}
    assert type(found["key"]) is type(value)


def test_a_number_too_large_for_a_whole_one_is_a_number():
    assert parsed("99999999999999999999999") == 1e23


def test_what_is_merged_stands_behind_what_is_said():
    text = "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nall: {<<: [*base, *other], a: 0}"
    assert parsed(text)["all"] == {"a": 0, "b": 2, "c": 4}


def test_a_quoted_merge_sign_is_a_key():
    assert parsed("{'<<': {a: 1}}") == {"<<": {"a": 1}}


def test_an_empty_text_is_nothing():
    assert parsed("# only a comment\n") is None


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "it says more than 20000 values by line"),
        ("a: &a " + "x" * 200_000 + "\nb: [" + "*a, " * 5_000 + "]", "it says more than 20000 v"),
        ("a: &a [*a]", "the alias *a in line 1 means nothing that ended before it"),
        ("a: &a {b: *a}", "the alias *a in line 1 means nothing that ended before it"),
        ("a: &a 1\nb: &a [*a]", "the alias *a in line 2 means nothing that ended before it"),
        ("a: *b", "the alias *b in line 1 means nothing that ended before it"),
        ("[" * 3_000 + "]" * 3_000, "line 1 lies more than 40 levels deep"),
        ("".join(f"{' ' * n}a:\n" for n in range(700)), "line 41 lies more than 40 levels deep"),
        ("- x\n" * 30_000, "it says more than 20000 values by line 20000"),
        ("x" * 2**20, "it has more than 512 KiB"),
        ("#" * 2**20, "it has more than 512 KiB"),
        (
            "a: 1\nb: 2\na: 3\n",
            "the key a stands in line 1 and again in line 3; remove one of them",
        ),
        ("c: {1: a, 0x1: b}", "the key 1 stands in line 1 and again in line 1"),
        ('{"\\e[2J": 1, "\\e[2J": 2}', "the key \\u001b[2J stands in line 1"),
        ("{[a]: b}", "the key in line 1 is not a text"),
        ("{~: b}", "the key in line 1 is not a text"),
        ("<<: 1", "what << brings in line 1 is no mapping"),
        ("a: 1\n---\nb: 2\n", "a second document begins in line 2; one is read"),
        ("a: .inf", ".inf is no number that a setting can be, in line 1"),
        ("a: -.INF", "-.INF is no number that a setting can be, in line 1"),
        ("a: .nan", ".nan is no number that a setting can be, in line 1"),
        ("a: !!python/object:os.system x", "the tag tag:yaml.org,2002:python/object:os.system in"),
        ("a: !mine {b: c}", "the tag !mine in line 1 is unknown"),
        ("a: !!set {b}", "the tag tag:yaml.org,2002:set in line 1 is unknown"),
        ("a: !!int x", "the value in line 1 is not of its tag int"),
        ("a: [1, 2", "in line 2"),
        ("a:\n\t- b", "in line 2"),
        ("a: b: c", "in line 1"),
        ("a: '\x00'", ""),
        ("a: \udc80", ""),
        ("%YAML 9.9.9\n---\na: 1", "in line 1"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line_within_a_second(text: str, message: str):
    began = time.process_time()
    with pytest.raises(MalformedError) as caught:
        parsed(text)
    assert time.process_time() - began < 1
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_a_value_is_the_text_that_the_program_reads():
    assert as_text("a") == "a"
    assert as_text(None) == ""
    assert as_text({"b": 1, "a": [True, "ü"]}) == '{"a":[true,"ü"],"b":1}'


def test_a_pipe_is_no_settings_file_and_nobody_waits_for_its_writer(tmp_path: Path):
    pipe = tmp_path / "Pulumi.dev.yaml"
    os.mkfifo(pipe)
    with pytest.raises(
        MalformedError, match=r"^cannot read Pulumi\.dev\.yaml: it is not a regular"
    ):
        read(pipe)


@pytest.mark.parametrize("target", ["/dev/zero", "/"])
def test_a_link_to_what_is_no_file_is_refused(tmp_path: Path, target: str):
    link = tmp_path / "Pulumi.dev.yaml"
    link.symlink_to(target)
    with pytest.raises(MalformedError, match="it is not a regular file"):
        read(link)


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path):
    file = tmp_path / "Pulumi.dev.yaml"
    with file.open("wb") as sparse:
        sparse.truncate(2**40)
    with pytest.raises(MalformedError, match="more than 512 KiB"):
        read(file)


def test_without_libyaml_it_is_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml_settings, "_Loader", yaml_settings.yaml.SafeLoader)
    assert parsed("a: &a [1, off]\nb: *a") == {"a": [1, "off"], "b": [1, "off"]}
    with pytest.raises(MalformedError, match="levels deep"):
        parsed("[" * 3_000)
    with pytest.raises(MalformedError):
        parsed('a: "\\ud800"')
