"""The state folder has its layout, atomic writes and history, also when the disk refuses."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import pytest

from webstack.contract import bounded_files
from webstack.engine.model.errors import BackendError, StackNotFoundError, UnsupportedError
from webstack.engine.storage import files
from webstack.engine.storage.backend import StateBackend


@pytest.fixture
def backend(tmp_path):
    return StateBackend(tmp_path, "shop")


def test_the_layout_is_the_clis(backend, tmp_path):
    backend.write("dev", "one")
    backend.write("dev", "two")
    backend.record("dev", {"kind": "update"})
    home = tmp_path / ".pulumi"
    assert (home / "meta.yaml").read_text() == "version: 1\n"
    assert (home / "stacks/shop/dev.json").read_text() == "two"
    assert (home / "stacks/shop/dev.json.bak").read_text() == "one"
    (history,) = (home / "history/shop/dev").glob("dev-*.history.json")
    assert history.with_name(history.name.replace("history", "checkpoint")).read_text() == "two"
    assert json.loads(history.read_text()) == {"kind": "update"}
    (backup,) = (home / "backups/shop/dev").glob("dev.*.json")
    assert backup.read_text() == "two"


def test_history_begins_with_the_newest(backend):
    backend.write("dev", "x")
    for number in range(3):
        backend.record("dev", {"number": number})
    assert [item["number"] for item in backend.history("dev")] == [2, 1, 0]


def test_history_keeps_its_order_when_the_clock_goes_backwards(backend, monkeypatch):
    backend.write("dev", "x")
    for number, moment in enumerate((2000, 1000, 1500)):
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment)
        backend.record("dev", {"number": number})
    assert [item["number"] for item in backend.history("dev")] == [2, 1, 0]


def test_compressed_records_are_part_of_the_history(backend, tmp_path):
    backend.write("dev", "x")
    backend.record("dev", {"number": 1})
    folder = tmp_path / ".pulumi/history/shop/dev"
    later = time.time_ns() + 10**12
    packed = folder / f"dev-{later}.history.json.gz"
    packed.write_bytes(gzip.compress(b'{"number": 2}'))
    backend.record("dev", {"number": 3})
    assert [item["number"] for item in backend.history("dev")] == [3, 2, 1]
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(BackendError, match="is damaged") as caught:
        backend.history("dev")
    assert str(packed) in str(caught.value)


def test_records_in_a_form_unknown_here_are_refused_by_name(backend, tmp_path):
    backend.write("dev", "x")
    backend.record("dev", {"number": 1})
    folder = tmp_path / ".pulumi/history/shop/dev"
    (folder / "dev-1.history.json.zst").write_bytes(b"")
    with pytest.raises(UnsupportedError, match=r"dev-1\.history\.json\.zst"):
        backend.history("dev")


@pytest.mark.parametrize("content", ['{"kind":', "[]"])
def test_a_damaged_record_in_the_history_is_named(backend, tmp_path, content):
    backend.write("dev", "x")
    backend.record("dev", {"kind": "update"})
    (record,) = (tmp_path / ".pulumi/history/shop/dev").glob("*.history.json")
    record.write_text(content)
    with pytest.raises(BackendError, match=r"is damaged .*: remove it") as caught:
        backend.history("dev")
    assert str(record) in str(caught.value)


def test_backups_can_be_switched_off(tmp_path):
    backend = StateBackend(tmp_path, "shop", keep_backups=False)
    backend.write("dev", "x")
    backend.record("dev", {})
    assert not (tmp_path / ".pulumi/backups").exists()


def test_stacks_are_listed_and_removed(backend):
    backend.write("dev", "x")
    backend.write("a.b-c", "x")
    assert backend.stacks() == ["a.b-c", "dev"]
    backend.remove("dev")
    assert backend.stacks() == ["a.b-c"]


def test_an_unknown_stack_is_named(backend):
    with pytest.raises(StackNotFoundError, match="prod"):
        backend.read("prod")


def test_a_compressed_state_is_read_and_written_plain(backend, tmp_path):
    backend.write("dev", "x")
    plain = tmp_path / ".pulumi/stacks/shop/dev.json"
    packed = plain.with_name("dev.json.gz")
    packed.write_bytes(gzip.compress(b"packed"))
    os.utime(plain, (1, 1))
    assert backend.read("dev") == b"packed"
    backend.write("dev", "new")
    assert backend.read("dev") == b"new"
    assert not packed.exists()


def test_what_cannot_be_read_is_refused(backend, tmp_path):
    backend.write("dev", "x")
    (tmp_path / ".pulumi/stacks/shop/dev.json.zst").write_bytes(b"")
    with pytest.raises(UnsupportedError, match="zst"):
        backend.read("dev")


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        ("version: 2\n", UnsupportedError, "version 2 of the state folder"),
        ("", BackendError, "write `version: 1` into it"),
        ("version: [", BackendError, "is damaged"),
    ],
)
def test_a_folder_of_another_layout_is_neither_read_nor_written(
    backend, tmp_path, content, kind, says
):
    backend.write("dev", "x")
    (tmp_path / ".pulumi/meta.yaml").write_text(content)
    for use in (backend.read, backend.exists, lambda stack: backend.write(stack, "y")):
        with pytest.raises(kind, match=says) as caught:
            use("dev")
        assert "meta.yaml" in str(caught.value)


def test_leftovers_of_killed_runs_are_swept(backend, tmp_path):
    backend.write("dev", "x")
    folder = tmp_path / ".pulumi/stacks/shop"
    (folder / ".dev.json.abc.tmp").write_text("half")
    (folder / ".other.json.abc.tmp").write_text("half")
    backend.sweep("dev")
    assert not (folder / ".dev.json.abc.tmp").exists()
    assert (folder / ".other.json.abc.tmp").exists()


def test_a_failed_write_leaves_the_old_content_and_no_litter(tmp_path, monkeypatch):
    target = tmp_path / "file"
    files.write(target, "old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackendError, match="No space left"):
        files.write(target, "new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_an_error_that_keeps_the_state(small_disk):
    backend = StateBackend(small_disk, "shop")
    backend.write("dev", "x" * 9000)

    def fill() -> None:
        for _ in range(20):
            backend.write("dev", "y" * 20000)
            backend.record("dev", {})

    with pytest.raises(BackendError, match="No space left"):
        fill()
    assert backend.read("dev") in (b"x" * 9000, b"y" * 20000)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BackendError, match=str(blocked)):
        StateBackend(Path(blocked), "shop").write("dev", "x")


@pytest.mark.parametrize("name", ["dev.json", "dev.json.gz"])
def test_a_state_without_an_end_is_one_line(backend, tmp_path, monkeypatch, name):
    monkeypatch.setattr(bounded_files, "LARGEST", 100)
    monkeypatch.setattr(files.read, "__defaults__", (100,))
    path = tmp_path / ".pulumi/stacks/shop" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"x" * 1000) if path.suffix == ".gz" else b"x" * 1000)
    with pytest.raises(BackendError, match="more than 0 KiB"):
        backend.read("dev")
