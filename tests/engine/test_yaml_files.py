from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import yaml_files


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("TRUE", True),
        ("false", False),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
        ("127.0.0.1", "127.0.0.1"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("1e3", 1000),
        (".5", 0.5),
        ("-5", -5),
        ("1_000", 1000),
        ("0123", 83),
        ("0x1F", 31),
        ("~", None),
        ("'12'", "12"),
    ],
)
def test_values_are_what_the_cli_takes_them_for(tmp_path: Path, written: str, value: Any):
    """As seen with Pulumi 3.272; a time, which it turns into words of its own, stays as it is."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(f"config: {{key: {written}}}")
    assert yaml_files.read(file) == {"config": {"key": value}}


@pytest.mark.parametrize(
    "text", ["1e3", "089", "off", "yes", "12:30", "true", "0x1F", ".5", "~", ""]
)
def test_a_text_is_written_so_that_it_stays_one(text: str):
    assert yaml_files.parsed(yaml_files.dumped({"key": text})) == {"key": text}
    assert yaml.safe_load(yaml_files.dumped({"key": text})) == {"key": text}
