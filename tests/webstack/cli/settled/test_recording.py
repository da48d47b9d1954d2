"""A run is kept if it found nothing to do, and if another run would find the same."""

from __future__ import annotations

import json
import os
import socket
import threading
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import Choice
from webstack.cli.backends.runner import OperationOptions, PreviewResult
from webstack.cli.plans.dry_run import dry_run
from webstack.cli.settled import kept, look, recording

ID = "urn:pulumi:dev::webstack::{}::{}"
CONTAINER = "docker:index/container:Container"
RELEASE = "pulumi-python:dynamic/webstack:Release"
SETTLED = PreviewResult(
    0, changes=False, document={"changeSummary": {"same": 4}}, settled=True, silent=True
)


def resource(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": ID.format(type_, name), "type": type_, "id": f"id-{name}", "inputs": {}, **more}


def container(name: str) -> dict[str, Any]:
    return resource(CONTAINER, name, inputs={"name": name, "image": f"{name}:1"})


def state(*more: dict[str, Any]) -> str:
    target = {"container": "web", "socket": "s.sock", "pids": {"web": 8}}
    service = {"replicas": [target], "health": "/healthz"}
    release = {"proxy": "nginx", "holder": "holder", "services": {"shop": service}}
    urls = {"shop": {"url": "http://shop.localhost:8080/shop/"}}
    resources = [
        resource("pulumi:pulumi:Stack", "webstack-dev", outputs={"services": urls}),
        resource("webstack:service:WebService", "shop"),
        *(container(name) for name in ("nginx", "holder", "web")),
        resource("docker:index/volume:Volume", "data"),
        resource("docker:index/network:Network", "edge"),
        resource(RELEASE, "release", outputs=release),
        *more,
    ]
    return json.dumps({"deployment": {"resources": resources}})


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[look.Asked]:
    """Answer the questions to the daemon, always with the same.

    The files of a test were made just before, so the clock of the disk is taken as right. Only the
    project's own files count: tests that run beside write into the checkout.
    """
    monkeypatch.setattr(recording, "_AHEAD", 0)
    all_paths = recording._paths

    def own_paths(session, watch) -> dict[str, list[str]]:
        root = str(session.project.root)
        found = all_paths(session, watch)
        return {kind: [path for path in found[kind] if path.startswith(root)] for kind in found}

    monkeypatch.setattr(recording, "_paths", own_paths)
    asked: list[look.Asked] = []
    monkeypatch.setattr(recording, "seen", lambda it: asked.append(it) or "digest")
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/test.sock")
    return asked


@pytest.fixture
def settled(session, project: Path, seen: list[look.Asked]):
    """Give a project whose next run finds nothing to do."""
    (project / ".venv").mkdir()
    session.records.deployment = state()
    session.runner.plan = SETTLED
    return project


def test_a_run_that_found_nothing_is_kept(run, settled: Path, seen: list[look.Asked]):
    assert run("up", "--yes") == 0
    found = kept.load(settled, "dev")
    assert found
    assert found.words == {
        "by": "the embedded engine (a test)",
        "unchanged": 4,
        "closing": "No changes.",
        "services": {
            "flask": {"url": "http://localhost:8080/", "containers": ["webstack-dev-flask-0-1"]}
        },
    }
    assert found.holds(os.environ)
    assert seen == [
        look.Asked(
            socket="/run/test.sock",
            labels=["webstack.project=webstack", "webstack.stack=dev"],
            containers=["id-holder", "id-nginx", "id-web"],
            answering=["id-holder", "id-nginx", "id-web"],
            volumes=["id-data"],
            networks=["id-edge"],
            images=["holder:1", "nginx:1", "web:1"],
            proxy="id-nginx",
            sockets=[
                (
                    ("/run/webstack/sockets/shop/s.sock", "/healthz", "localhost", "5", "http"),
                    ((200, 299),),
                )
            ],
            pages=(
                look.Page("id-holder", 8080, "/shop/healthz", "shop.localhost", 5.0, ((200, 299),)),
            ),
        )
    ]


def test_a_preview_is_kept_as_well(run, settled: Path):
    assert run("preview") == 0
    assert kept.load(settled, "dev")


def test_a_run_with_something_to_do_forgets_what_was_kept(run, session, settled: Path):
    assert run("up", "--yes") == 0
    session.runner.plan = PreviewResult(0, changes=True)
    assert run("up", "--yes") == 0
    assert kept.load(settled, "dev") is None


@pytest.mark.parametrize(
    "plan",
    [
        replace(SETTLED, settled=False),
        replace(SETTLED, silent=False),
        replace(SETTLED, code=1),
    ],
    ids=["it wrote the state", "it had something to tell", "it failed"],
)
def test_a_run_that_found_more_is_not_kept(run, session, settled: Path, plan: PreviewResult):
    session.runner.plan = plan
    run("up", "--yes")
    assert kept.load(settled, "dev") is None


def test_what_does_not_do_its_work_is_not_kept(run, settled: Path):
    run.faults = {"web": "ends again and again"}
    assert run("up", "--yes") == 1
    assert kept.load(settled, "dev") is None


def test_what_the_daemon_does_not_show_well_is_not_kept(
    run, settled: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(recording, "seen", lambda _asked: None)
    assert run("up", "--yes") == 0
    assert kept.load(settled, "dev") is None


@pytest.mark.parametrize(
    "words", [("--refresh",), ("--target", "urn"), ("--adopt",), ("--diff",), ("--parallel", "2")]
)
def test_other_options_are_not_kept(run, settled: Path, words: tuple[str, ...]):
    assert run("up", "--yes", *words) == 0
    assert kept.load(settled, "dev") is None


@pytest.mark.parametrize(
    "type_",
    [
        "aws:s3/bucket:Bucket",
        "random:index/randomId:RandomId",
        "pulumi:pulumi:StackReference",
        "pulumi-python:dynamic/webstack:Certificate",
        "pulumi-python:dynamic:Resource",
    ],
)
def test_resources_that_are_no_files_nor_containers_are_asked_each_time(
    run, session, settled: Path, type_: str
):
    session.records.deployment = state(resource(type_, "strange"))
    assert run("up", "--yes") == 0
    assert kept.load(settled, "dev") is None


@pytest.mark.parametrize("host", ["ssh://server", "tcp://server:2376"])
def test_a_daemon_elsewhere_is_asked_each_time(
    run, settled: Path, monkeypatch: pytest.MonkeyPatch, host: str
):
    monkeypatch.setenv("DOCKER_HOST", host)
    assert run("up", "--yes") == 0
    assert kept.load(settled, "dev") is None


def test_a_passphrase_in_a_variable_leaves_no_digest(run, session, settled: Path):
    environ = {"PULUMI_CONFIG_PASSPHRASE": "open-sesame"}
    object.__setattr__(session.project, "environ", environ)
    assert run("up", "--yes") == 0
    assert kept.load(settled, "dev") is None


def test_the_cli_is_asked_each_time(run, session, settled: Path, monkeypatch: pytest.MonkeyPatch):
    cli = replace(session, choice=Choice("pulumi", "a test"))
    monkeypatch.setattr(session_setup, "session_of", lambda *_, **__: cli)
    assert run("up", "--yes") == 0
    assert kept.load(settled, "dev") is None


def kept_after(session, root: Path, text: str, late: Path | None = None) -> bool:
    """Watch a program of this text, which may look at a file that is just being written."""
    program = root / "__main__.py"
    program.write_text(text)
    os.utime(program, (1e9, 1e9))
    options = Namespace()
    with recording.observed(options) as observation:
        exec(compile(text, str(program), "exec"))
        if late:
            late.write_text("new")
            late.read_text()
    observation.keep(session, dry_run(session, OperationOptions()))
    return kept.load(root, "dev") is not None


@pytest.mark.parametrize(
    ("text", "same"),
    [("import json", True), ("import time\ntime.time()", False), ("import random", False)],
)
def test_a_program_that_may_say_something_else_is_run_each_time(
    session, settled: Path, text: str, same: bool
):
    assert kept_after(session, settled, text) == same


def test_the_daemon_is_asked_while_the_program_runs(
    session, settled: Path, monkeypatch: pytest.MonkeyPatch
):
    """The answer may take longer than all else, and is no part of what the program looked at."""
    asked, running = threading.Event(), threading.Event()

    def slow(_: look.Asked) -> str:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", 1), 0.1)
        asked.set()
        assert running.wait(30)
        return "early"

    monkeypatch.setattr(recording, "seen", slow)
    with recording.observed(Namespace()) as observation:
        observation.look(session)
        assert asked.wait(30)
        running.set()
    observation.keep(session, dry_run(session, OperationOptions()))
    found = kept.load(settled, "dev")
    assert found
    assert found.found == "early"


@pytest.mark.parametrize("early", [None, OSError("gone")])
def test_what_was_not_well_at_first_is_asked_again(
    session, settled: Path, monkeypatch: pytest.MonkeyPatch, early: Exception | None
):
    answers: list[Any] = [early, "late"]

    def answer(_: look.Asked) -> str | None:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(recording, "seen", answer)
    with recording.observed(Namespace()) as observation:
        observation.look(session)
    observation.keep(session, dry_run(session, OperationOptions()))
    found = kept.load(settled, "dev")
    assert found
    assert found.found == "late"


def test_what_changed_during_the_run_is_looked_at_again(session, settled: Path):
    assert not kept_after(session, settled, "1", settled / "late.txt")
