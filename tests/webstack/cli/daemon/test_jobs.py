"""The results of jobs are read from the container that runs them."""

from __future__ import annotations

import pytest

from tests.webstack.cli.daemon.prepared import Prepared
from webstack.cli.daemon.containers import Container
from webstack.cli.daemon.jobs import Job, jobs_of

SAID = b'{"nightly": {"schedule": "@daily", "runs": 2, "failures": 1, "last": "x", "last_code": 3}}'


def container(
    name: str, service: str, role: str = "background", state: str = "running"
) -> Container:
    return Container(name, role, service, state, "", "", 0)


CONTAINERS = [
    container("shop-0", "shop", "service"),
    container("shop-worker-0", "shop-worker"),
    container("shop-cron-0", "shop-cron"),
    container("shop-cron-1", "shop-cron", state="exited"),
]


def test_only_the_container_that_runs_jobs_is_asked():
    docker = Prepared(SAID)
    found = jobs_of(docker, CONTAINERS)  # type: ignore[arg-type]
    assert docker.asked == ["shop-cron-0"]
    assert found["shop-cron-0"]["nightly"].failures == 1


@pytest.mark.parametrize("said", [b"", b"cat: no such file", b"[]", b'{"a": 1}'])
def test_one_that_cannot_say_has_no_jobs(said: bytes):
    assert jobs_of(Prepared(said), CONTAINERS) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (Job(), ""),
        (Job(last="x"), "running"),
        (Job(last="x", last_code=0), "ok"),
        (Job(last="x", last_code=3), "failed (exit code 3)"),
    ],
)
def test_how_the_last_run_ended(job: Job, words: str):
    assert job.result == words
