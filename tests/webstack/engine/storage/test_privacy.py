"""Only the owner may read the files of a state folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from webstack.engine.storage import files, locks
from webstack.engine.storage.backend import StateBackend
from webstack.engine.storage.privacy import PRIVATE, SHARED, access


@pytest.fixture(autouse=True)
def careless():
    """Set a umask under which everybody may read and write files that get no mode."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> tuple[set[int], set[int]]:
    """Give the modes of all files and of all folders."""
    found = [folder, *folder.rglob("*")]
    return tuple({mode(each) for each in found if each.is_dir() == kind} for kind in (False, True))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def filled(backend: StateBackend) -> None:
    backend.write("dev", "one")
    backend.write("dev", "two")
    backend.record("dev", {"kind": "update"})


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [(0o755, PRIVATE), (0o777, PRIVATE), (0o2755, PRIVATE), (0o775, PRIVATE), (0o2770, SHARED)],
)
def test_a_folder_is_shared_where_its_group_id_is_set_for_that(folder, allowed):
    assert access(folder) == allowed


def test_state_backups_history_and_locks_are_their_owners_alone(tmp_path):
    backend = StateBackend(tmp_path / "state", "shop")
    filled(backend)
    with locks.held(backend, "dev", print):
        assert modes(backend.folder) == ({0o600}, {0o700})


def test_what_an_earlier_version_left_open_is_closed_by_the_next_run(tmp_path):
    backend = StateBackend(tmp_path / "state", "shop")
    filled(backend)
    elsewhere = tmp_path / "mine"
    elsewhere.write_text("for all")
    (backend.folder / ".pulumi/link").symlink_to(elsewhere)
    for path in (backend.folder, *backend.folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    with locks.held(backend, "dev", print):
        (backend.folder / ".pulumi/link").unlink()
        assert modes(backend.folder) == ({0o600}, {0o700})
    assert mode(elsewhere) == 0o666


def test_a_group_that_the_folder_was_given_to_keeps_its_rights(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o2770)
    backend = StateBackend(folder, "shop")
    filled(backend)
    (folder / ".pulumi/stacks/shop/dev.json").chmod(0o664)
    (folder / ".pulumi/stacks/shop").chmod(0o2775)
    with locks.held(backend, "dev", print):
        assert modes(folder) == ({0o660}, {0o2770})


def test_a_folder_that_holds_something_else_keeps_its_own_mode(tmp_path):
    backend = StateBackend(tmp_path, "shop")
    tmp_path.chmod(0o755)
    (tmp_path / "letters").write_text("mine")
    filled(backend)
    with locks.held(backend, "dev", print):
        assert mode(tmp_path) == 0o755
        assert mode(tmp_path / "letters") == 0o666
        assert modes(tmp_path / ".pulumi") == ({0o600}, {0o700})


@pytest.mark.parametrize("before", [0o640, 0o600, 0o664])
def test_a_settings_file_keeps_its_mode(tmp_path, before):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config: {}\n")
    path.chmod(before)
    files.write(path, "config: {a: b}\n")
    assert mode(path) == before
    files.write(tmp_path / "new", "text")
    assert mode(tmp_path / "new") == 0o666


def test_nothing_is_open_for_a_moment(tmp_path, monkeypatch):
    """The temporary file has its mode before it has content."""
    seen = []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (seen.append(stat.S_IMODE(os.fstat(fd).st_mode)), fsync(fd))
    )
    files.write(tmp_path / "secret", "text", access=PRIVATE)
    assert seen[0] == 0o600
