"""Commands that were run by hand are noted, without words that look like a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from webstack.cli.deployments.audit import note, notes, shown


def test_lines_are_kept_in_their_order_and_for_the_owner_alone(tmp_path: Path):
    note(tmp_path, "dev", "run", "shop", ["ls"], 0)
    note(tmp_path, "dev", "exec", "shop-worker", ["false"], 1)
    first, second = notes(tmp_path, "dev")
    assert (first["kind"], first["result"]) == ("run", "succeeded")
    assert first["message"].startswith("shop: ls (")
    assert (second["kind"], second["result"]) == ("exec", "exit code 1")
    [file] = (tmp_path / ".state" / "audit").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert list(notes(tmp_path, "other")) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["createsuperuser", "--password", "hunter2"], "createsuperuser --password [secret]"),
        (["x", "--password=hunter2"], "x --password=[secret]"),
        (["x", "API_TOKEN=hunter2"], "x API_TOKEN=[secret]"),
        (["x", "postgres://a:hunter2@b/c"], "x "),
        (["migrate", "--noinput"], "migrate --noinput"),
        (["a\x1b[2J"], "a\\u001b[2J"),
    ],
)
def test_secrets_and_what_is_hidden_do_not_stand_there(words: list[str], told: str):
    assert shown(words).startswith(told)
    assert "hunter2" not in shown(words)


def test_a_line_that_somebody_broke_is_passed_over(tmp_path: Path):
    note(tmp_path, "dev", "run", "shop", ["ls"], 0)
    [file] = (tmp_path / ".state" / "audit").iterdir()
    file.write_text(f"{{\n[1]\n{file.read_text()}")
    assert len(list(notes(tmp_path, "dev"))) == 1
