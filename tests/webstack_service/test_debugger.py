"""Code that calls breakpoint() waits for somebody on a socket, and goes on where nobody comes."""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from webstack_service import debugger

ROOT = Path(__file__).parents[2]


def code(folder: Path, patience: float, done: list[int]) -> None:
    """Stop once, with a value to look at."""
    answer = 42
    debugger.stop(sys._getframe(), folder, patience)
    done.append(answer)


@pytest.fixture
def stopped(tmp_path):
    """Give a thread that waits at a breakpoint, its folder, and what it has done."""
    done: list[int] = []
    thread = threading.Thread(target=code, args=(tmp_path, 30, done), daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("*.sock")) and time.monotonic() < deadline:
        time.sleep(0.01)
    return thread, tmp_path, done


def until_prompt(connection: socket.socket) -> str:
    """Read until the debugger wants a command."""
    said = b""
    connection.settimeout(30)
    while not said.endswith(b"(pdb) "):
        data = connection.recv(4096)
        assert data, said
        said += data
    return said.decode()


def test_who_comes_looks_at_the_code_and_lets_it_go_on(stopped):
    thread, folder, done = stopped
    [path] = folder.glob("*.sock")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        assert "done.append(answer)" in until_prompt(connection)
        connection.sendall(b"p answer * 2\n")
        assert "84" in until_prompt(connection)
        assert done == []
        connection.sendall(b"c\n")
        assert connection.recv(4096) == b""
    thread.join(30)
    assert done == [42]
    assert list(folder.iterdir()) == []


def test_the_code_goes_on_where_whoever_came_has_gone(stopped):
    thread, folder, done = stopped
    [path] = folder.glob("*.sock")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        until_prompt(connection)
        connection.shutdown(socket.SHUT_WR)
        thread.join(30)
    assert done == [42]


def test_nobody_is_waited_for_longer_than_said(tmp_path):
    done: list[int] = []
    code(tmp_path, 0.05, done)
    assert done == [42]
    assert list(tmp_path.iterdir()) == []


def test_the_program_in_the_container_passes_lines_to_and_fro(stopped):
    thread, folder, done = stopped
    program = f"from webstack_service.debugger import *; attach(Path({str(folder)!r}))"
    ours = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ours.stdin is not None
    assert ours.stdout is not None
    ours.stdin.write("p answer + 1\nc\n")
    ours.stdin.flush()
    thread.join(30)
    assert done == [42]
    said = ""
    while "Waiting for the next one" not in said:
        line = ours.stdout.readline()
        assert line, said
        said += line
    ours.kill()
    ours.wait()
    ours.stdin.close()
    ours.stdout.close()
    assert "43" in said


def test_python_s_own_variable_leads_there(tmp_path):
    script = (
        "import sys, pathlib; from webstack_service import debugger;"
        "debugger.FOLDER = pathlib.Path(sys.argv[1]); debugger.PATIENCE = 0.05;"
        "breakpoint(); print('went on', debugger.FOLDER.is_dir())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "debug")],
        env={
            "PYTHONPATH": str(ROOT),
            "PYTHONBREAKPOINT": "webstack_service.debugger.wait",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "went on True\n"
