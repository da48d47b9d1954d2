"""Locks are the CLI's files, respected both ways; those of dead processes are taken over."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from webstack.engine.model.errors import BackendError, LockedError
from webstack.engine.storage import locks, processes
from webstack.engine.storage.backend import StateBackend

RECORDED = Path(__file__).parents[3] / "recordings/lock.json"


@pytest.fixture
def backend(tmp_path):
    return StateBackend(tmp_path, "shop")


def held(backend, notices=None):
    return locks.held(backend, "dev", (notices if notices is not None else []).append)


def plant(backend, **changes):
    content = {
        "pid": os.getpid(),
        "username": "me",
        "hostname": socket.gethostname(),
        "timestamp": datetime.now(timezone.utc).isoformat().replace("+00:00", "Z"),
        "namespace": processes.namespace(),
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
    plant(backend, process=f"{processes.boot()}/12345")
    with held(backend):
        pass


def test_a_lock_from_before_the_machine_was_started_again_is_taken_over(backend):
    before = datetime.fromtimestamp(processes.boot_time() - 3600, timezone.utc)
    text = before.isoformat().replace("+00:00", "Z")
    plant(backend, process="another boot/12345", timestamp=text)
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
    [
        {"hostname": "elsewhere", "pid": 999_999_999},
        {"pid": 1},
        {"pid": 0},
        {"pid": 999_999_999, "namespace": "pid:[4026532999]"},
        {"process": "another boot/12345"},
    ],
    ids=["another host", "a living process", "no process", "another namespace", "another machine"],
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


def test_of_a_lock_by_the_cli_only_a_note_tells_inside_a_container(backend, monkeypatch):
    """The process may be in any namespace, and only the first namespace of a machine sees all."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    with suppress(OSError), locks.noted(backend, "dev", ended.pid):
        ended.wait()
        raise OSError("the run was killed")
    monkeypatch.setattr(processes, "known_as", lambda pid: None)
    other = plant(backend, pid=2**22 + 7, namespace="")
    with pytest.raises(LockedError), held(backend):
        pass
    other.unlink()
    plant(backend, pid=ended.pid, namespace="")
    with held(backend):
        pass


def test_a_note_lasts_as_long_as_the_run(backend):
    with locks.noted(backend, "dev", os.getpid()):
        note = json.loads(backend.note("dev").read_text())
        assert note["process"] == processes.identity(os.getpid())
    assert not backend.note("dev").exists()


HOLD = """
import sys
from pathlib import Path
from webstack.engine.storage import locks
from webstack.engine.storage.backend import StateBackend
with locks.held(StateBackend(Path(sys.argv[1]), "shop"), "dev", print):
    print("held", flush=True)
    sys.stdin.read()
"""
IN_A_NAMESPACE = ("unshare", "--pid", "--fork")


@pytest.mark.skipif(
    subprocess.run([*IN_A_NAMESPACE, "true"], check=False, capture_output=True).returncode != 0,
    reason="this user may make no process namespace",
)
@pytest.mark.parametrize("own_proc", [(), ("--mount-proc",)], ids=["their /proc", "its own /proc"])
@pytest.mark.parametrize("fields", [True, False], ids=["by webstack", "by the CLI"])
def test_a_holder_in_a_container_that_shares_the_name_of_the_host(backend, own_proc, fields):
    """In the container the holder has a small number, which here is another process or none."""
    argv = [*IN_A_NAMESPACE, *own_proc, sys.executable, "-c", HOLD, str(backend.folder)]
    root = Path(locks.__file__).parents[3]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        (path,) = backend.locks("dev").iterdir()
        if not fields:
            content = json.loads(path.read_text())
            path.write_text(json.dumps({**content, "process": "", "namespace": ""}))
        with pytest.raises(LockedError), held(backend):
            pass
        again = subprocess.run(
            argv, input="", capture_output=True, text=True, check=False, cwd=root
        )
        assert "LockedError" in again.stderr, "from a third namespace it is respected, too"
        holder.stdin.close()
        assert holder.wait(timeout=10) == 0


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
