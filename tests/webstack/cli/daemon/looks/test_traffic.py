"""Requests are shown in words, as the container tells them that counts."""

from __future__ import annotations

import msgspec
import pytest

from webstack.cli.daemon.containers import Container
from webstack.cli.daemon.looks.traffic import Requests, Traffic, as_json, counting, traffic
from webstack.docker.errors import DaemonError

METRICS = Container("dev-metrics", "metrics", "metrics", "running", "healthy", "", 0)
SHOP = Requests("shop", "1a", 100, 10.0, 3, 0.0004, 0.0123, 2.5, 0.5, 8, 10)
FOUND = Traffic(10.0, 1, 0, "", {"shop": "1a", "wiki": "2b"}, (Requests("", "", 1, 0.1), SHOP))


class Daemon:
    def __init__(self, said):
        self.said, self.asked = said, []

    def exec_create(self, name, command, **_):
        self.asked.append((name, command))
        return {"Id": "1"}

    def exec_start(self, _):
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def test_a_row_has_words_for_people():
    assert SHOP.cells == (
        *("shop", "1a", "10.0", "3 (3.0%)", "<1 ms", "12 ms", "2.50 s", "0.5", "8 (80.0%)"),
    )
    assert Requests("wiki", "2b").cells == ("wiki", "2b", "0.0", "0", "", "", "", "0.0", "")


def test_releases_that_nobody_asked_are_shown_and_nginx_last():
    assert [(each.service, each.release) for each in FOUND.shown] == [
        *(("shop", "1a"), ("wiki", "2b"), ("", "")),
    ]
    assert FOUND.sentence == ("101 requests in the last 10 s, 10.1 a second, 3 of them failed.")
    assert [each["service"] for each in as_json(FOUND)["rows"]] == ["shop", "wiki", ""]


def test_it_asks_the_container_that_counts():
    daemon = Daemon(msgspec.json.encode(FOUND))
    assert traffic(daemon, "dev-metrics", 60) == FOUND
    assert daemon.asked == [("dev-metrics", ["python3", "-m", "meter", "ask", "/top?span=60"])]


@pytest.mark.parametrize("said", [b"", b"Traceback", b"[]", DaemonError("gone")])
def test_one_that_says_nothing_of_use_is_no_failure(said):
    assert traffic(Daemon(said), "dev-metrics", 60) is None


def test_only_one_that_runs_is_asked():
    stopped = msgspec.structs.replace(METRICS, state="exited")
    assert counting([stopped]) is None
    assert counting([stopped, METRICS]) == "dev-metrics"
