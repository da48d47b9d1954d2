"""The gate waits until services are ready for users, and tells which of them are not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from infra.daemon.failures import ContainerError
from infra.daemon.status import ContainerStatus
from infra.model.rollout_plan import ReplicaTarget, RolloutPlan, ServiceRelease
from infra.rollout.events import Alive, Event, Gated, Healthy, Timeline, Unhealthy
from infra.rollout.gate import gate
from infra.rollout.gate.gate import Gate
from tests.infra.rollout.test_rollout import FakeFollowing
from webstack.contract.health_check import HealthCheck

OK = {"status": 200, "line": "HTTP/1.1 200 OK"}
NOT_MIGRATED = {"status": 500, "line": "HTTP/1.1 500 Internal Server Error"}


@dataclass
class Services:
    """Containers with prepared answers by container, before and after their commands."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    prepared: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    log: str = "    its log"
    entrypoint: list[str] | None = None
    done: list[str] = field(default_factory=list)
    questions: list[tuple[str, ...]] = field(default_factory=list)

    def read(self, _proxy: str, *command: str) -> str:
        socket = command[5]
        container = socket.rpartition("/")[2].removesuffix(".sock")
        self.questions.append(command[5:])
        return json.dumps(self.answers.get(container, OK))

    @contextmanager
    def following(
        self, name: str, *command: str, environment: Any = None
    ) -> Iterator[FakeFollowing]:
        self.done.append(f"{name}: {' '.join(command)}")
        self.answers.update(self.prepared)
        yield FakeFollowing("")

    def status(self, name: str) -> ContainerStatus:
        return ContainerStatus("exited" if name in self.ended else "running", restarts=0)

    def exit_code(self, _name: str) -> int:
        return 3

    def inspected(self, _name: str) -> dict[str, Any]:
        return {"Config": {"Entrypoint": self.entrypoint}}

    def stop(self, name: str) -> None:
        self.done.append(f"stop {name}")

    def last_lines(self, _name: str) -> str:
        return self.log


def service(name: str, replicas: int = 1, **changes: Any) -> ServiceRelease:
    names = [f"{name}-{number}" for number in range(replicas)]
    made = ServiceRelease(
        release="aa",
        replicas=tuple(ReplicaTarget(each, f"{each}.sock", {each: 64}) for each in names),
        health=HealthCheck(host="shop.localhost"),
        start_timeout=1,
        grace=1,
    )
    return msgspec.structs.replace(made, **changes)


def gate_of(
    containers: Any,
    commands: gate.Commands | None = None,
    events: list[Event] | None = None,
    **services: Any,
) -> Gate:
    named = {name: service(name, **body) for name, body in services.items()}
    plan = RolloutPlan("nginx", 64, "holder", 8, "", named)
    told = [] if events is None else events
    return Gate(containers, plan, commands or {}, Timeline(told.append))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "POLL", 0.01)


def test_a_service_is_asked_as_its_settings_say():
    asked = HealthCheck(
        path="/up/?x=1", host="shop.example.com", scheme="https", status=(302,), timeout=7
    )
    services = Services({"shop-0": {"status": 302, "line": "HTTP/1.1 302 Found"}})
    gate_of(services, shop={"health": asked, "start_timeout": 60}).run()
    [(socket, *question)] = services.questions
    assert socket.endswith("/shop-0.sock")
    assert question == ["/up/?x=1", "shop.example.com", "7.0", "https", "0.50", "302-302"]


def test_before_its_commands_any_answer_will_do():
    services = Services({"shop-0": {"status": 503, "line": "HTTP/1.1 503 Not yet"}})
    with pytest.raises(ContainerError):
        gate_of(services, {"shop": [("migrate",)]}, shop={"start_timeout": 0}).run()
    assert [question[-1] for question in services.questions] == ["0-999", "200-299"]


def test_a_try_takes_no_longer_than_is_left_of_the_whole():
    services = Services()
    gate_of(services, shop={"health": HealthCheck(timeout=300), "start_timeout": 2}).run()
    assert 1 <= float(services.questions[0][3]) <= 2


def test_every_failing_service_is_told_in_one_run():
    services = Services(
        {
            "shop-0": {"status": 404, "line": "HTTP/1.1 404 Not Found"},
            "blog-0": {"problem": "no socket"},
            "mail-0": {"problem": "connection refused"},
        },
        ended={"mail-0"},
    )
    with pytest.raises(ContainerError) as caught:
        gate_of(services, shop={}, blog={}, mail={}, good={}).run()
    said = str(caught.value)
    assert said.startswith("blog, mail, shop cannot go live:\n")
    assert (
        "shop-0 is not healthy after 1 s: GET /healthz for host shop.localhost gave "
        '"HTTP/1.1 404 Not Found", not 200-299: it has no such page; ' in said
    )
    assert "(webstack:services.blog.health); its last lines:\n    its log" in said
    assert "mail-0 exited with code 3; its last lines:\n    its log" in said
    assert "good" not in said
    assert services.done == ["stop mail-0"]


def test_what_a_log_or_an_image_says_of_the_cause_is_told_with_the_way_out():
    services = Services(ended={"shop-0"}, log="    KeyError: 'API_URL'")
    services.answers["shop-0"] = {"problem": "no socket"}
    with pytest.raises(ContainerError) as caught:
        gate_of(services, shop={}).run()
    assert "exited with code 3; it needs the variable API_URL: add API_URL to webstack:" in str(
        caught.value
    )
    services.log, services.entrypoint = "", ["/bin/sh", "-c", "python3 app.py"]
    with pytest.raises(ContainerError, match="ENTRYPOINT in shell form"):
        gate_of(services, shop={}).run()


def test_replicas_that_fail_alike_are_told_together():
    services = Services({f"shop-{number}": {"problem": "timed out"} for number in range(3)}, log="")
    with pytest.raises(ContainerError) as caught:
        gate_of(services, shop={"replicas": 3}).run()
    said = str(caught.value)
    assert said.startswith("shop-0, shop-1, shop-2 is not healthy after 1 s: ")
    assert said.endswith("; it wrote nothing")
    assert "\n" not in said


def test_a_page_that_needs_what_the_commands_make_is_asked_after_them():
    services = Services({"shop-0": NOT_MIGRATED}, prepared={"shop-0": OK})
    gate_of(services, {"shop": [("migrate",), ("seed",)]}, shop={}).run()
    assert services.done == ["shop-0: migrate", "shop-0: seed"]


def test_one_that_is_to_be_asked_before_runs_no_command_unless_it_is_healthy():
    services = Services({"shop-0": NOT_MIGRATED}, prepared={"shop-0": OK})
    before = HealthCheck(asked="before")
    with pytest.raises(ContainerError, match=r'gave "HTTP/1\.1 500 Internal'):
        gate_of(services, {"shop": [("migrate",)]}, shop={"health": before}).run()
    assert services.done == []


def test_one_that_is_still_not_healthy_after_them_fails():
    services = Services({"shop-0": NOT_MIGRATED})
    with pytest.raises(ContainerError, match=r'gave "HTTP/1\.1 500 Internal'):
        gate_of(services, {"shop": [("migrate",)]}, shop={}).run()
    assert services.done == ["shop-0: migrate"]


def test_no_command_runs_where_another_service_has_failed_already():
    services = Services({"blog-0": {"problem": "no socket"}})
    with pytest.raises(ContainerError, match="blog-0 is not healthy"):
        gate_of(services, {"shop": [("migrate",)]}, shop={}, blog={}).run()
    assert services.done == []


def test_one_that_waits_for_the_commands_before_it_listens_is_alive_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(gate, "ALIVE", 0.1)
    services = Services({"shop-0": {"problem": "no socket"}}, prepared={"shop-0": OK})
    gate_of(services, {"shop": [("migrate",)]}, shop={}).run()
    assert services.done == ["shop-0: migrate"]


def test_one_that_ends_is_not_alive():
    services = Services({"shop-0": {"problem": "no socket"}}, ended={"shop-0"})
    with pytest.raises(ContainerError, match="shop-0 exited with code 3"):
        gate_of(services, {"shop": [("migrate",)]}, shop={"start_timeout": 60}).run()
    assert services.done == ["stop shop-0"]


def test_all_replicas_are_waited_for_at_a_time():
    barrier = threading.Barrier(3, timeout=5)

    class Together(Services):
        def read(self, proxy: str, *command: str) -> str:
            barrier.wait()
            return super().read(proxy, *command)

    gate_of(Together(), shop={"replicas": 3}).run()


def test_a_proxy_that_cannot_be_asked_is_told(monkeypatch: pytest.MonkeyPatch):
    services = Services()

    def gone(name: str, *_command: str) -> str:
        raise ContainerError(f"{name} is gone; run `webstack refresh`\nmore")

    monkeypatch.setattr(services, "read", gone)
    began = time.monotonic()
    with pytest.raises(ContainerError, match=r"gave no answer: no way to ask: nginx is gone; run"):
        gate_of(services, shop={}).run()
    assert time.monotonic() - began < 5


def test_records_of_earlier_releases_name_the_path_alone():
    services = Services()
    gate_of(services, shop={"health": "/up"}).run()
    assert services.questions[0][1:3] == ("/up", "localhost")


def test_it_tells_what_lives_and_what_is_healthy_in_their_order():
    services = Services({"shop-0": NOT_MIGRATED}, prepared={"shop-0": OK})
    events: list[Event] = []
    gate_of(services, {"shop": [("migrate",)]}, events, shop={}).run()
    kinds = [type(event) for event in events]
    assert (kinds[0], kinds[-2:]) == (Alive, [Healthy, Gated])
    assert [event.seconds for event in events] == sorted(event.seconds for event in events)


def test_it_tells_which_container_does_not_go_live_and_why():
    services = Services(ended={"mail-0"}, answers={"mail-0": {"problem": "no socket"}})
    events: list[Event] = []
    with pytest.raises(ContainerError):
        gate_of(services, events=events, mail={}, shop={}).run()
    told = {event.container: event for event in events}
    assert isinstance(told["shop-0"], Healthy)
    assert isinstance(told["mail-0"], Unhealthy)
    assert (told["mail-0"].service, told["mail-0"].reason) == ("mail", "exited with code 3")
    assert not any(isinstance(event, Gated) for event in events)
