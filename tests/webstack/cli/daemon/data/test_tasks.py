"""Tasks of Celery are read from the queue's own server; tests/docker shows real ones."""

from __future__ import annotations

import pytest

from tests.webstack.cli.daemon.prepared import Prepared
from webstack.cli.daemon.containers import Container
from webstack.cli.daemon.data.tasks import Tasks, tasks_of

SAID = b'{"queues": {"celery": 3}, "running": 2, "failed": 1, "longest": 12}\n'


def container(role: str, state: str = "running") -> Container:
    return Container(f"dev-{role}", role, role, state, "", "", 0)


def test_the_queue_is_asked_and_nothing_else():
    docker = Prepared(SAID)
    found = tasks_of(docker, [container("valkey"), container("valkey-broker")])  # type: ignore[arg-type]
    assert docker.asked == ["dev-valkey-broker"]
    assert found == Tasks({"celery": 3}, running=2, failed=1, longest=12)
    assert found.sentence == (
        "2 tasks are worked on, the longest for 12 s; 1 have failed within a day."
    )


def test_one_that_does_not_run_is_not_asked():
    docker = Prepared(SAID)
    assert tasks_of(docker, [container("valkey-broker", "exited")]) is None  # type: ignore[arg-type]
    assert docker.asked == []


@pytest.mark.parametrize(
    "said", [b"", b"ERR no such command", b"[]", b'{"queues": {}, "running": 0, "failed": 0}']
)
def test_one_that_cannot_say_or_was_never_used_has_none(said: bytes):
    assert tasks_of(Prepared(said), [container("valkey-broker")]) is None  # type: ignore[arg-type]


def test_nothing_is_said_of_the_longest_where_none_is_worked_on():
    assert Tasks({}, running=0, failed=0, longest=9).sentence == (
        "0 tasks are worked on; 0 have failed within a day."
    )
