"""Locks: the CLI's files, respected both ways; those of dead processes are taken over."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from engine import locks, processes
from engine.backend import Backend
from engine.errors import BackendError, LockedError

RECORDED = Path(__file__).parents[1] / "recordings/lock.json"


@pytest.fixture
def backend(tmp_path):
    return Backend(tmp_path, "shop")


def held(backend, notices=None):
    return locks.held(backend, "dev", (notices if notices is not None else []).append)


def plant(backend, **changes):
    content = {
        "pid": os.getpid(),
        "username": "me",
        "hostname": socket.gethostname(),
        "timestamp": datetime.now(timezone.utc).isoformat().replace("+00:00", "Z"),
        **changes,
    }
    path = backend.locks("dev") / "other.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_a_lock_is_written_as_the_cli_writes_it_and_removed(backend):
    with held(backend) as path:
        assert json.loads(RECORDED.read_text()).keys() <= json.loads(path.read_text()).keys()
        assert path.parent.relative_to(backend.folder).as_posix() == (
            ".pulumi/locks/organization/shop/dev"
        )
        assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert not path.exists()


def test_nobody_else_gets_in_meanwhile(backend):
    with held(backend) as path:
        with (
            pytest.raises(LockedError, match="currently locked by 1 lock") as caught,
            held(backend),
        ):
            pass
        assert path.exists()
    assert f"(pid {os.getpid()})" in str(caught.value)
    assert "webstack cancel" in str(caught.value)


def test_the_lock_of_a_dead_process_is_taken_over_with_a_notice(backend):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    plant(backend, pid=ended.pid)
    notices = []
    with held(backend, notices):
        pass
    assert len(notices) == 1
    assert str(ended.pid) in notices[0]


def test_only_the_locks_of_the_dead_are_removed_for_others(backend):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    notices = []
    with held(backend) as own:
        stale = plant(backend, pid=ended.pid)
        locks.release_stale(backend, "dev", notices.append)
        assert (own.exists(), stale.exists()) == (True, False)
    assert len(notices) == 1


def test_the_lock_of_a_process_that_died_before_its_number_was_used_again(backend):
    long_ago = datetime.now(timezone.utc) - timedelta(days=300)
    plant(backend, timestamp=long_ago.isoformat().replace("+00:00", "Z"))
    notices = []
    with held(backend, notices):
        pass
    assert len(notices) == 1


def test_a_process_that_only_has_the_number_of_the_holder_holds_nothing(backend):
    plant(backend, process="another boot/12345")
    with held(backend):
        pass


def test_setting_the_clock_takes_no_lock_away(backend):
    long_ago = datetime.now(timezone.utc) - timedelta(days=300)
    holder = processes.identity(os.getpid())
    plant(backend, process=holder, timestamp=long_ago.isoformat().replace("+00:00", "Z"))
    with pytest.raises(LockedError), held(backend):
        pass


def test_a_zombie_holds_nothing(backend):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    deadline = time.monotonic() + 10
    while processes.start_time(ended.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    plant(backend, pid=ended.pid)
    with held(backend):
        pass
    ended.wait()


@pytest.mark.parametrize(
    "changes",
    [{"hostname": "elsewhere", "pid": 999_999_999}, {"pid": 1}, {"pid": 0}],
    ids=["another host", "a living process", "no process"],
)
def test_other_locks_are_respected(backend, changes):
    path = plant(backend, **changes)
    with pytest.raises(LockedError), held(backend):
        pass
    assert path.exists()


@pytest.mark.parametrize(
    "remove", [lambda backend: held(backend).__enter__(), lambda b: locks.remove_all(b, "dev")]
)
def test_a_lock_that_cannot_be_removed_is_one_clear_error(backend, monkeypatch, remove):
    def refused(path, missing_ok=False):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    plant(backend, pid=2**30)
    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(BackendError, match=r"cannot remove .*other\.json: Read-only file system"):
        remove(backend)


def test_a_lock_that_cannot_be_read_is_respected(backend):
    plant(backend).write_text("{")
    with pytest.raises(LockedError), held(backend):
        pass


def test_a_recorded_lock_is_understood(backend):
    path = plant(backend)
    path.write_text(RECORDED.read_text())
    (lock,) = locks.list_locks(path.parent)
    assert str(lock).endswith("created by root@vm (pid 7831) at 2026-11-21T09:26:05Z")


def test_locks_can_be_removed_by_hand(backend):
    plant(backend, hostname="elsewhere")
    assert locks.remove_all(backend, "dev") == 1
    with held(backend):
        pass


def test_of_many_at_once_at_most_one_gets_in(backend):
    inside, most, lock = 0, 0, threading.Lock()
    got_in = []

    def attempt():
        nonlocal inside, most
        try:
            with held(backend):
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.02)
                got_in.append(True)
                with lock:
                    inside -= 1
        except LockedError:
            pass

    for _ in range(5):
        threads = [threading.Thread(target=attempt) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most <= 1
    with held(backend):
        got_in.append(True)
    assert got_in
