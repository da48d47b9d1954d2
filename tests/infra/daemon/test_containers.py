"""Containers of a daemon are asked, and their answers are understood."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from infra.daemon.containers import Containers
from infra.daemon.failures import ContainerError
from webstack.docker.errors import NotFoundError


class Engine:
    """One container, and the exits of it that the daemon still knows."""

    def __init__(self, status: str, codes: list[str]) -> None:
        self._status, self._codes = status, codes
        self.asked: dict[str, Any] = {}

    def inspect_container(self, _name: str) -> dict[str, Any]:
        ended = "2026-11-22T05:32:04.123456789Z"
        return {"State": {"Status": self._status, "ExitCode": 0, "FinishedAt": ended}}

    def events(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked = asked
        yield from ({"Actor": {"Attributes": {"exitCode": code}}} for code in self._codes)


@pytest.mark.parametrize(
    ("status", "codes", "expected"),
    [("exited", ["7"], 0), ("running", ["7"], 7), ("running", [], None)],
)
def test_an_exit_code_is_told_also_of_a_container_that_was_started_again(
    status: str, codes: list[str], expected: int | None
):
    assert Containers(Engine(status, codes)).exit_code("shop") == expected


def test_the_engine_is_asked_for_the_exit_alone():
    engine = Engine("running", ["7"])
    Containers(engine).exit_code("shop")
    assert (engine.asked["since"], engine.asked["until"]) == (1795325524, 1795325526)
    assert engine.asked["filters"] == {"container": "shop", "event": "die"}


class Shell:
    """A container that runs commands, on a daemon that never gives the ``lost`` outputs."""

    def __init__(self, lost: int = 0) -> None:
        self.lost, self.ran = lost, 0

    def exec_create(self, _name: str, command: list[str]) -> dict[str, Any]:
        return {"Id": subprocess.run(command, capture_output=True, check=False)}

    def exec_start(self, job: subprocess.CompletedProcess[bytes]) -> bytes:
        self.ran += 1
        return b"" if self.ran <= self.lost else job.stdout + job.stderr

    def exec_inspect(self, job: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
        return {"ExitCode": job.returncode}


@pytest.mark.parametrize("text", ["", "one\n", "two words and no end of line"])
@pytest.mark.parametrize("lost", [0, 2])
def test_what_is_read_is_whole_though_the_engine_loses_output(text: str, lost: int):
    engine = Shell(lost)
    assert Containers(engine).read("nginx", "printf", "%s", text) == text
    assert engine.ran == lost + 1


def test_an_engine_that_never_gives_output_is_named():
    with pytest.raises(ContainerError, match="lost the output of cat in nginx, 5 times"):
        Containers(Shell(lost=9)).read("nginx", "cat", "/dev/null")


def test_a_failed_look_is_told_at_once_and_by_its_name():
    engine = Shell()
    with pytest.raises(ContainerError, match=r"^cat failed in nginx \(exit code 1\)"):
        Containers(engine).read("nginx", "cat", "/no/such/file")
    assert engine.ran == 1


def test_what_a_container_says_is_shown_escaped():
    hostile = r"printf '\033[2Jgone\302\233\n  ok\r\n'; exit 3"
    with pytest.raises(ContainerError) as caught:
        Containers(Shell()).run("shop", "sh", "-c", hostile)
    assert str(caught.value) == (
        "sh failed in shop (exit code 3)\n    \\u001b[2Jgone\\u009b\n      ok"
    )


def test_of_a_line_without_an_end_the_beginning_is_told():
    endless = "head -c 1000000 /dev/zero | tr '\\0' x; exit 3"
    with pytest.raises(ContainerError) as caught:
        Containers(Shell()).run("shop", "sh", "-c", endless)
    assert len(str(caught.value)) < 2100


class WithoutFolder:
    """A daemon whose container is there, but has no such folder."""

    gone = False

    def inspect_container(self, name: str) -> dict[str, object]:
        if self.gone:
            raise NotFoundError(f"No such container: {name}")
        return {}

    def get_archive(self, name: str, folder: str) -> None:
        raise NotFoundError(f"Could not find the file {folder} in container {name}")


def test_a_static_folder_that_the_image_lacks_is_not_a_container_that_is_gone():
    engine = WithoutFolder()
    with pytest.raises(
        ContainerError, match=r"^shop has no folder /nope, which the setting static"
    ):
        Containers(engine).copy_folder("shop", "/nope", "nginx", "/srv/static", "shop")
    engine.gone = True
    with pytest.raises(ContainerError, match=r"^shop is gone; run"):
        Containers(engine).copy_folder("shop", "/nope", "nginx", "/srv/static", "shop")
