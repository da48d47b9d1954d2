from pathlib import Path

import pytest
import yaml

from webstack.engine.model.errors import ProjectError
from webstack.engine.project import yaml_files


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1e3",
            "089",
            "off",
            "yes",
            "12:30",
            "true",
            "0x1F",
            "0o17",
            "0B1",
            ".5",
            "~",
            "",
            ".inf",
        ),
        *("1_0.5", "2026-12-24", "<<", "- a", "a: b", "two\nlines", "#", "plain words"),
    ],
)
def test_a_text_is_written_so_that_it_stays_one(text: str):
    assert yaml_files.parsed(yaml_files.dumped({"key": text})) == {"key": text}
    assert yaml.safe_load(yaml_files.dumped({"key": text})) == {"key": text}


def test_plain_words_need_no_quotes():
    assert yaml_files.dumped({"key": "plain words", "n": 8080}) == "key: plain words\nn: 8080\n"


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path):
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("# nothing\n")
    assert yaml_files.read(file) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"a: 1\na: 2\n",
            "Pulumi.dev.yaml is no settings file: the key a stands in line 1 and again",
        ),
        (b"- a\n", "Pulumi.dev.yaml must be a mapping of keys to values"),
        (b"\xff\xfe\xfd", "Pulumi.dev.yaml is not UTF-8; save it as such"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, message: str):
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        yaml_files.read(file)
    assert str(caught.value).startswith(message)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ProjectError, match=r"^cannot read Pulumi\.yaml: there is no such file$"):
        yaml_files.read(tmp_path / "Pulumi.yaml")
