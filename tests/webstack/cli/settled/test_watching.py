"""A run is watched in all that it reads, and in all that no file can tell."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from webstack.cli.settled.tokens import LINK, READ, SEEN
from webstack.cli.settled.watching import watched


def test_files_folders_and_questions_are_noted_by_any_thread(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with watched() as watch:
        thread = threading.Thread(target=(tmp_path / "file").read_text)
        thread.start()
        thread.join()
        [*(tmp_path / "folder").iterdir()]
        assert not (tmp_path / "missing").exists()
        assert not (tmp_path / "link").is_symlink()
        (tmp_path / "made").write_text("")
    (tmp_path / "afterwards").exists()
    own = {
        kind: {Path(path).name for path in paths if path.startswith(f"{tmp_path}/")}
        for kind, paths in watch.paths.items()
    }
    assert own == {READ: {"file", "folder"}, SEEN: {"missing"}, LINK: {"link"}}
    assert watch.reasons == set()


def test_paths_are_noted_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with watched() as watch:
        Path("here").exists()
        os.access(b"there", os.R_OK)
        [*os.scandir()]
    assert {f"{tmp_path}/here", f"{tmp_path}/there"} <= watch.paths[SEEN]
    assert {str(tmp_path), f"{tmp_path}/."} & watch.paths[READ]


def test_what_was_imported_and_where_it_is_searched_for_are_noted():
    with watched() as watch:
        pass
    assert __file__ in watch.paths[READ]
    assert os.__file__ in watch.paths[READ]
    assert {path for path in sys.path if path.startswith("/")} <= watch.paths[READ]


def test_the_source_of_a_compiled_module_is_noted(tmp_path: Path):
    with watched() as watch:
        watch.note("/srv/__pycache__/shop.cpython-313.opt-1.pyc", READ)
    assert "/srv/shop.py" in watch.paths[READ]


def test_code_that_is_run_is_noted(tmp_path: Path):
    with watched() as watch:
        exec(compile("1", f"{tmp_path}/shop.py", "exec"))
    assert f"{tmp_path}/shop.py" in watch.code


NOT_OF_FILES: dict[str, Callable[[], object]] = {
    "starts another program": lambda: subprocess.run(["true"], check=True),
    "uses the network": lambda: socket.getaddrinfo("127.0.0.1", 80),
    "calls docker:index/getRegistryImage": lambda: sys.audit(
        "webstack.invoke", "docker:index/getRegistryImage"
    ),
    "reads /proc/uptime": lambda: Path("/proc/uptime").read_text(),
}


@pytest.mark.parametrize("reason", NOT_OF_FILES)
def test_what_no_file_tells_is_a_reason(reason: str):
    with watched() as watch:
        NOT_OF_FILES[reason]()
    assert watch.reasons == {reason}


def test_addresses_are_noted(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(f"{tmp_path}/socket")
        server.listen()
        with watched() as watch:
            client.connect(f"{tmp_path}/socket")
    assert watch.addresses == {f"{tmp_path}/socket"}


def test_functions_are_as_before_afterwards():
    before = os.stat, os.lstat, os.readlink, os.access
    with watched():
        assert os.stat is not before[0]
    assert (os.stat, os.lstat, os.readlink, os.access) == before
