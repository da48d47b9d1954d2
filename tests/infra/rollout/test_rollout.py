"""A release goes live in one order, and a failed one leaves everything as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from infra.daemon.failures import ContainerError
from infra.daemon.following import Heard
from infra.daemon.static_copy import StaticError
from infra.daemon.status import ContainerStatus
from infra.model import rollout_plan
from infra.model.rollout_plan import ReplicaTarget, RolloutPlan, ServiceRelease
from infra.rollout.events import (
    Alive,
    Checked,
    Copied,
    Drained,
    Event,
    Failed,
    Gated,
    Healthy,
    NotWritable,
    OutputLine,
    OutsidePrefix,
    PreparationBegan,
    Prepared,
    Started,
    Switched,
    Timeline,
    Unhealthy,
)
from infra.rollout.gate import gate
from infra.rollout.rollout import Rollout
from infra.rollout.traffic import draining
from proxy import paths
from webstack.docker.container_folder import ContainerFolder

RUNNING = ContainerStatus("running", restarts=0)


@dataclass(frozen=True)
class FakeFollowing:
    """A command that ends well once all its output is heard."""

    said: str

    def hear(self, _seconds: float) -> Heard:
        return Heard(self.said.encode().splitlines(), ended=True)

    def exit_code(self) -> int:
        return 0


@dataclass
class FakeContainers:
    """Containers of an imaginary daemon, with one proxy's links and configuration."""

    answering: set[str]
    conditions: dict[str, ContainerStatus] = field(default_factory=dict)
    code: int | None = 1
    links: dict[str, str] = field(default_factory=dict)
    configuration: str = "first"
    loaded: str = "first"
    broken: str = "broken"
    draining: dict[str, list[str]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    draft: str = ""
    static_files: tuple[str, ...] = ()
    can_announce: bool = True
    reloads: bool = True
    images: dict[str, str] = field(default_factory=dict)
    image_volumes: tuple[str, ...] = ()
    without_volumes: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    folders: dict[str, ContainerFolder] = field(default_factory=dict)
    front_page: str = ""

    def image_id(self, name: str) -> str:
        return self.images.get(name, "sha256:1")

    def inspected(self, name: str) -> dict[str, Any]:
        brought = () if name in self.without_volumes else self.image_volumes
        volumes = {folder: {} for folder in brought}
        mounts = [
            {"Type": "volume", "Name": f"volume of {path}", "Destination": path, "RW": True}
            for path in self.folders
        ]
        config = {"Image": f"image of {name}", "Volumes": volumes, "User": "20100:41000"}
        return {"Config": config, "HostConfig": {}, "Mounts": mounts}

    def folder(self, name: str, path: str) -> ContainerFolder | None:
        return self.folders[path]

    def status(self, name: str) -> ContainerStatus:
        return self.conditions.get(name, RUNNING)

    def exit_code(self, name: str) -> int | None:
        return self.code

    def start(self, name: str) -> None:
        self.done.append(f"start {name}")

    def stop(self, name: str, grace: int = 5) -> None:
        self.done.append(f"stop {name}")

    def running(self, labels: Mapping[str, str]) -> Sequence[str]:
        return ()

    def limit_processes(self, name: str, limit: int) -> None:
        self.done.append(f"limit {name} {limit}")

    def last_lines(self, name: str, count: int = 50) -> str:
        return f"    the log of {name}"

    def copy_folder(
        self, source: str, folder: str, target: str, parent: str, name: str, *, strict: bool = True
    ) -> tuple[str, ...]:
        self.done.append(f"copy {folder} of {source} to {parent}/{name}")
        return (f"{source}.css",)

    def give(self, volume: str, user: int, tools: str) -> None:
        self.done.append(f"give {volume} to {user}")

    def copy_of_image(
        self, image: str, folder: str, target: str, parent: str, name: str
    ) -> tuple[str, ...]:
        raise ContainerError(f"{image} is gone")

    def write_secret(self, name: str, path: str, content: bytes, *, owner: int) -> None:
        self.done.append(f"put {path} for {owner}")

    def write_file(self, name: str, folder: str, file: str, text: str) -> None:
        if file.startswith("initialised-"):
            self.notes.add(file)
        else:
            self.draft = text

    def read(self, name: str, *command: str) -> str:
        if command[0] == "ls":
            return "\n".join(["nginx.conf", *self.notes])
        return self.run(name, *command)

    @contextmanager
    def following(
        self, name: str, *command: str, environment: Any = None
    ) -> Iterator[FakeFollowing]:
        yield FakeFollowing(self.run(name, *command))

    def begin(self, name: str, *command: str) -> None:
        self.done.append(f"begin {command[0]} in {name}")
        if not self.can_announce:
            raise ContainerError("executable file not found")

    def run(self, name: str, *command: str) -> str:
        match command:
            case ("python3", "-IS", "-c", _, "--until", socket, *_):
                return self._probe(socket)
            case ("python3", "-IS", "-c", _, "--page", _, address, host, _, _, *headers):
                self.done.append(f"ask for {address} of {host} with {'; '.join(headers)}")
                return self.front_page
            case ("cat", "/proc/net/unix"):
                return self.draining[name].pop() if self.draining.get(name) else ""
            case ("nginx", *_) | ("sh", "-c", _, "judge"):
                self._check()
            case ("sh", "-c", _):
                return self._look()
            case ("sh", "-c", _, "link" | "switch", *pairs):
                self._link(pairs)
            case ("sh", "-c", _, "activate"):
                self._activate()
            case ("rm", "-f", *links):
                self.links = {link: to for link, to in self.links.items() if link not in links}
            case _:
                self.done.append(f"run {' '.join(command)} in {name}")
                return "done"
        return ""

    def _link(self, pairs: list[str]) -> None:
        self.links.update(zip(pairs[::2], pairs[1::2], strict=True))
        self.done.append(f"link {' '.join(pairs[1::2])}")

    def _activate(self) -> None:
        self.configuration = self.draft
        self.done.append(f"configure {self.draft}")
        if self.reloads:
            self.loaded = self.configuration

    def _probe(self, socket: str) -> str:
        if socket.rpartition("/")[2] in self.answering:
            return '{"status": 200, "line": "HTTP/1.1 200 OK"}'
        return '{"problem": "no socket"}'

    def _look(self) -> str:
        links = "".join(f"{link} {to}\n" for link, to in self.links.items())
        files = "".join(f"{file}\n" for file in self.static_files)
        loaded = "" if self.loaded == self.configuration else "another"
        return "\1".join((links, files, loaded, self.configuration))

    def _check(self) -> None:
        if self.draft == self.broken:
            raise ContainerError("nginx failed")


def service(release: str, replicas: int = 1, **changes: object) -> ServiceRelease:
    targets = tuple(
        ReplicaTarget(f"shop-{n}-{release}", f"{release}-{n}.sock", {f"shop-{n}-{release}": 64})
        for n in range(replicas)
    )
    made = ServiceRelease(
        release=release, replicas=targets, health="/healthz", start_timeout=1, grace=1
    )
    return msgspec.structs.replace(made, **changes)


def plan(release: ServiceRelease, configuration: str = "first") -> RolloutPlan:
    return RolloutPlan(
        proxy="nginx",
        proxy_pids=64,
        holder="holder",
        holder_pids=8,
        configuration=configuration,
        services={"shop": release},
    )


def socket_of(release: str, number: int = 0) -> str:
    return f"{paths.SOCKETS_DIRECTORY}/shop/{release}-{number}.sock"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out the pauses in which real containers settle."""
    monkeypatch.setattr(draining, "SETTLE", 0.0)
    monkeypatch.setattr(draining, "POLL", 0.01)
    monkeypatch.setattr(gate, "POLL", 0.01)


@pytest.fixture
def live() -> FakeContainers:
    """Give a daemon on which release aa of the shop serves."""
    return FakeContainers(
        answering={"aa-0.sock", "bb-0.sock"},
        links={paths.link("shop", 0): socket_of("aa")},
    )


def test_an_image_s_own_volume_is_refused_before_anything_happens(live: FakeContainers):
    live.image_volumes = ("/var/lib/shop",)
    with pytest.raises(ContainerError) as caught:
        Rollout(live, plan(service("aa")), plan(service("bb"))).run()
    assert str(caught.value) == (
        "webstack:services.shop: its image image of shop-0-bb declares the volume /var/lib/shop, "
        "whose content would be lost at each release; name the folder in volumes (kept) or in "
        "writable (in memory), or take VOLUME out of the image"
    )
    assert live.done == ["stop shop-0-bb"]


def two(release: str, other: str) -> RolloutPlan:
    """Give a plan of two services, shop and mail."""
    mail = ServiceRelease(
        release=other,
        replicas=(ReplicaTarget(f"mail-0-{other}", f"mail-{other}.sock", {f"mail-0-{other}": 64}),),
        health="/healthz",
        start_timeout=1,
        grace=1,
    )
    services = {"mail": mail, "shop": service(release)}
    return msgspec.structs.replace(plan(service(release)), services=services)


def test_a_refused_volume_of_one_service_does_not_hide_why_another_fails(live: FakeContainers):
    live.answering |= {"mail-aa.sock"}
    live.answering.discard("bb-0.sock")
    live.image_volumes = ("/var/lib/mail",)
    live.without_volumes = {"shop-0-bb"}
    with pytest.raises(ContainerError) as caught:
        Rollout(live, two("aa", "aa"), two("bb", "bb")).run()
    first, second = str(caught.value).splitlines()[:2]
    assert first.startswith("webstack:services.mail: its image image of mail-0-bb declares the vol")
    assert second.startswith("shop-0-bb is not healthy after 1 s: GET /healthz")
    assert "start mail-0-bb" not in live.done
    assert live.links == {paths.link("shop", 0): socket_of("aa")}


def test_data_that_cannot_be_given_does_not_hide_why_another_fails(
    live: FakeContainers, monkeypatch: pytest.MonkeyPatch
):
    def failing(volume: str, user: int, tools: str) -> None:
        raise ContainerError(f"the {volume} cannot be given to user {user}")

    monkeypatch.setattr(live, "give", failing)
    live.folders = {"/data": ROOTS}
    with pytest.raises(ContainerError) as caught:
        Rollout(live, two("aa", "aa"), two("bb", "bb")).run()
    assert str(caught.value).splitlines() == [
        "mail: the volume of /data cannot be given to user 20100",
        "shop: the volume of /data cannot be given to user 20100",
    ]


def test_all_refused_static_folders_are_told(live: FakeContainers, monkeypatch: pytest.MonkeyPatch):
    def refusing(source: str, folder: str, *_: str, strict: bool) -> tuple[str, ...]:
        raise StaticError(f"{folder} of {source} is refused, {strict}")

    monkeypatch.setattr(live, "copy_folder", refusing)
    live.answering |= {"mail-bb.sock"}
    new = two("bb", "bb")
    services = {
        name: msgspec.structs.replace(each, static=f"/srv/{name}")
        for name, each in new.services.items()
    }
    with pytest.raises(StaticError) as caught:
        Rollout(live, two("aa", "aa"), msgspec.structs.replace(new, services=services)).run()
    assert str(caught.value).splitlines() == [
        "mail: /srv/mail of mail-0-bb is refused, True",
        "shop: /srv/shop of shop-0-bb is refused, True",
    ]
    assert live.links == {paths.link("shop", 0): socket_of("aa")}


def test_an_image_that_runs_already_is_asked_no_more(live: FakeContainers):
    live.image_volumes = ("/var/lib/shop",)
    Rollout(live, plan(service("aa")), plan(service("aa"))).run()
    assert live.links == {paths.link("shop", 0): socket_of("aa")}


ROOTS = ContainerFolder(0, 0, 0o755, is_empty=True)


def test_data_that_its_user_could_not_write_is_given_to_it(live: FakeContainers):
    live.folders = {"/data": ROOTS, "/good": ContainerFolder(20100, 0, 0o755, is_empty=True)}
    Rollout(live, None, plan(service("aa"))).run()
    assert [step for step in live.done if step.startswith("give")] == [
        "give volume of /data to 20100"
    ]


def test_a_volume_of_the_image_s_own_is_told_once(live: FakeContainers):
    live.folders, live.image_volumes = {"/lost": ROOTS}, ("/lost",)
    with pytest.raises(ContainerError) as failure:
        Rollout(live, None, plan(service("aa"))).run()
    assert "\n" not in str(failure.value)


def test_data_that_holds_something_may_have_its_places_to_write_to(live: FakeContainers):
    live.folders = {"/data": ContainerFolder(0, 0, 0o755, is_empty=False)}
    told = [event for event in released(live, plan(service("bb"))) if type(event) is NotWritable]
    assert [(event.service, event.folder) for event in told] == [("shop", "/data")]
    assert "-v volume of /data:/data --entrypoint chown" in told[0].way_out
    assert live.links == {paths.link("shop", 0): socket_of("bb")}


def test_the_steps_of_a_release_have_one_order(live: FakeContainers):
    new = service("bb", static="/srv/static", before_release=("migrate",))
    Rollout(live, plan(service("aa")), plan(new, "second")).run()
    assert [step for step in live.done if not step.startswith(("limit", "start"))][:4] == [
        "begin webstack-announce in nginx",
        "run migrate in shop-0-bb",
        "copy /srv/static of shop-0-bb to /srv/static/shop",
        "configure second",
    ]
    assert live.done[-1] == f"link {socket_of('bb')}"
    assert live.links == {paths.link("shop", 0): socket_of("bb")}


def test_each_folder_of_static_files_is_copied_to_a_place_of_its_own(live: FakeContainers):
    new = service("bb", static={"/static": "/srv/static", "/assets/js": "/app/dist"})
    brought = Rollout(live, plan(service("aa")), plan(new)).run()
    assert {step for step in live.done if step.startswith("copy")} == {
        "copy /srv/static of shop-0-bb to /srv/static/shop",
        "copy /app/dist of shop-0-bb to /srv/static/shop.assets.js",
    }
    assert brought.keys() == {"shop", "shop.assets.js"}


def released(live: FakeContainers, new: RolloutPlan) -> list[Event]:
    """Bring a plan live after release aa; gives the events of the observer, also of a failure."""
    events: list[Event] = []
    with suppress(ContainerError):
        Rollout(live, plan(service("aa")), new, timeline=Timeline(events.append)).run()
    return events


def test_an_observer_is_told_each_step_with_its_container_and_its_time(live: FakeContainers):
    new = service("bb", static="/srv/static", before_release=("migrate",))
    events = released(live, plan(new, "second"))
    shop = {"service": "shop", "container": "shop-0-bb"}
    assert [msgspec.structs.replace(event, seconds=0.0) for event in events[:4]] == [
        Started(container="holder"),
        Started(container="nginx"),
        Started(container="shop-0-bb"),
        Checked(container="nginx"),
    ]
    prepared = next(event for event in events if isinstance(event, Prepared))
    assert 0 < prepared.running < prepared.seconds
    assert [type(event) for event in events[4:]] == [
        Alive, PreparationBegan, OutputLine, Prepared, Healthy, Gated, Copied, Switched, Drained,
    ]  # fmt: skip
    assert [msgspec.structs.replace(event, seconds=0.0) for event in events[-3:]] == [
        Copied(**shop, files=1),
        Switched(**shop),
        Drained(service="shop", socket="aa-0.sock"),
    ]
    times = [event.seconds for event in events]
    assert times == sorted(times)
    assert 0 < times[-1] < 5


def test_a_service_that_does_not_fit_under_its_path_goes_live_and_is_told(live: FakeContainers):
    page = {"status": 200, "type": "text/html", "page": '<img src="/static/a.png">'}
    live.front_page = json.dumps(page)
    events = released(live, plan(service("bb", prefix="/shop", strip_prefix=True)))
    [told] = [event for event in events if isinstance(event, OutsidePrefix)]
    assert (told.service, told.container) == ("shop", "shop-0-bb")
    assert "/static/a.png" in told.reason
    assert "ask for / of localhost with X-Forwarded-Prefix: /shop" in live.done
    assert isinstance(events[-1], Drained)


def test_a_front_page_that_cannot_be_asked_for_is_not_judged(live: FakeContainers):
    events = released(live, plan(service("bb", prefix="/shop")))
    assert not any(isinstance(event, OutsidePrefix) for event in events)
    assert isinstance(events[-1], Drained)


def test_one_at_the_root_of_its_hosts_is_not_asked_for_a_page(live: FakeContainers):
    released(live, plan(service("bb")))
    assert not any(each.startswith("ask for") for each in live.done)


def test_an_observer_is_told_why_a_release_does_not_go_live(live: FakeContainers):
    live.answering.discard("bb-0.sock")
    live.conditions["shop-0-bb"] = ContainerStatus("exited", restarts=0)
    *_, unhealthy, failed = released(live, plan(service("bb")))
    assert isinstance(unhealthy, Unhealthy)
    assert (unhealthy.container, unhealthy.reason) == ("shop-0-bb", "exited with code 1")
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("shop-0-bb exited with code 1; its last lines:")


def test_nothing_is_said_to_be_switched_that_was_put_back(
    live: FakeContainers, monkeypatch: pytest.MonkeyPatch
):
    run = live.run

    def failing(name: str, *command: str) -> str:
        said = run(name, *command)
        if command[3:4] == ("switch",):
            raise ContainerError("another listens there")
        return said

    monkeypatch.setattr(live, "run", failing)
    before = dict(live.links)
    events = released(live, plan(service("bb")))
    assert live.links == before
    assert isinstance(events[-1], Failed)
    assert not any(isinstance(event, Switched) for event in events)


def test_an_unchanged_service_is_not_migrated_again(live: FakeContainers):
    same = service("aa", before_release=("migrate",), static="/srv/static")
    static = {"shop": ("site.css",)}
    live.static_files = ("shop/old.css", "shop/site.css")
    assert Rollout(live, plan(same), plan(same, "second"), static).run() == static
    assert not [step for step in live.done if step.startswith(("run", "copy"))]
    assert live.loaded == "second"


def test_a_release_that_comes_back_is_not_migrated(live: FakeContainers):
    """The migrations of an earlier release know less than the database does by now."""
    back = service("bb", before_release=("migrate",), static="/srv/static")
    static = Rollout(live, plan(service("aa")), plan(back), gated=False).run()
    assert static == {"shop": ("shop-0-bb.css",)}
    assert not [step for step in live.done if step.startswith("run")]


def test_examples_come_after_the_migrations_of_the_first_release_only(live: FakeContainers):
    first = service("aa", before_release=("migrate",), seed=("seed",))
    Rollout(live, None, plan(first)).run()
    second = service("bb", before_release=("migrate",), seed=("seed",))
    Rollout(live, plan(first), plan(second)).run()
    assert [step for step in live.done if step.startswith("run")] == [
        "run migrate in shop-0-aa",
        "run seed in shop-0-aa",
        "run migrate in shop-0-bb",
    ]


def test_what_runs_once_is_noted_as_soon_as_it_has_run(live: FakeContainers):
    first = service("aa", before_release=("migrate",), init=("load",))
    Rollout(live, None, plan(first)).run()
    assert [step for step in live.done if step.startswith("run")] == [
        "run migrate in shop-0-aa",
        "run load in shop-0-aa",
    ]
    assert live.notes == {"initialised-shop"}
    live.done.clear()
    Rollout(live, plan(first), plan(service("bb", init=("load",)))).run()
    assert "run load in shop-0-bb" not in live.done


def test_what_runs_once_runs_in_a_service_that_was_there_before(live: FakeContainers):
    Rollout(live, plan(service("aa")), plan(service("aa", init=("load",)))).run()
    assert "run load in shop-0-aa" in live.done


def test_a_release_that_comes_back_runs_nothing_once(live: FakeContainers):
    Rollout(live, plan(service("aa")), plan(service("bb", init=("load",))), gated=False).run()
    assert not live.notes


def test_files_that_nothing_is_known_of_are_copied_again(live: FakeContainers):
    same = service("aa", static="/srv/static")
    assert Rollout(live, plan(same), plan(same)).run() == {"shop": ("shop-0-aa.css",)}


def test_files_that_are_gone_are_copied_again(live: FakeContainers):
    same = service("aa", static="/srv/static")
    live.static_files = ("shop/site.css",)
    static = {"shop": ("site.css", "site.js")}
    assert Rollout(live, plan(same), plan(same), static).run() == {"shop": ("shop-0-aa.css",)}


def test_an_unchanged_configuration_is_not_loaded_again(live: FakeContainers):
    Rollout(live, plan(service("aa")), plan(service("bb"))).run()
    assert not [step for step in live.done if step.startswith(("begin", "configure"))]


def test_an_nginx_that_cannot_announce_a_reload_reloads_all_the_same(live: FakeContainers):
    live.can_announce = False
    Rollout(live, plan(service("aa")), plan(service("bb"), "second")).run()
    assert live.loaded == "second"


@pytest.mark.parametrize(("code", "words"), [(3, "exited with code 3; "), (None, "exited; ")])
def test_a_container_that_exits_fails_at_once_with_its_log(
    live: FakeContainers, code: int | None, words: str
):
    live.answering.discard("bb-0.sock")
    live.conditions["shop-0-bb"] = ContainerStatus("restarting", restarts=1)
    live.code = code
    with pytest.raises(ContainerError, match=f"shop-0-bb {words}[^$]*the log of"):
        Rollout(live, plan(service("aa")), plan(service("bb", start_timeout=60))).run()
    assert live.links == {paths.link("shop", 0): socket_of("aa")}
    assert "stop shop-0-bb" in live.done


def test_a_container_that_exits_before_it_is_limited_is_told_with_its_log(
    live: FakeContainers, monkeypatch: pytest.MonkeyPatch
):
    def refusing(name: str, _limit: int) -> None:
        if name == "shop-0-bb":
            raise ContainerError(f"{name}: Cannot update container: container not running")

    monkeypatch.setattr(live, "limit_processes", refusing)
    live.answering.discard("bb-0.sock")
    live.conditions["shop-0-bb"] = ContainerStatus("restarting", restarts=1)
    live.code = 3
    with pytest.raises(ContainerError, match=r"shop-0-bb exited with code 3[^$]*the log of"):
        Rollout(live, plan(service("aa")), plan(service("bb"))).run()


def test_one_that_serves_nobody_is_limited_and_holds_up_no_release(
    live: FakeContainers, monkeypatch: pytest.MonkeyPatch
):
    limited = []

    def limit(name: str, limit: int) -> None:
        limited.append((name, limit))
        if name == "metrics":
            raise ContainerError(f"{name}: Cannot update container: container not running")

    monkeypatch.setattr(live, "limit_processes", limit)
    new = msgspec.structs.replace(plan(service("bb")), others={"metrics": 8, "certificates": 9})
    Rollout(live, plan(service("aa")), new).run()
    assert limited[-2:] == [("metrics", 8), ("certificates", 9)]
    assert live.links == {paths.link("shop", 0): socket_of("bb")}


def test_a_container_that_cannot_be_limited_does_not_go_live(
    live: FakeContainers, monkeypatch: pytest.MonkeyPatch
):
    def refusing(name: str, _limit: int) -> None:
        raise ContainerError(f"{name}: no pids controller")

    monkeypatch.setattr(live, "limit_processes", refusing)
    with pytest.raises(ContainerError, match="no pids controller"):
        Rollout(live, plan(service("aa")), plan(service("bb"))).run()
    assert live.links == {paths.link("shop", 0): socket_of("aa")}


def test_a_container_that_never_answers_fails_in_time(live: FakeContainers):
    live.answering.discard("bb-0.sock")
    with pytest.raises(ContainerError, match=r"shop-0-bb is not healthy after 1 s"):
        Rollout(live, plan(service("aa")), plan(service("bb"))).run()
    assert live.links == {paths.link("shop", 0): socket_of("aa")}


def test_what_a_failed_release_leaves_serves_nobody_and_runs_no_more(live: FakeContainers):
    """A replica that serves is kept, also where the same release has more replicas now."""
    with pytest.raises(ContainerError, match="shop-1-aa is not healthy"):
        Rollout(live, plan(service("aa")), plan(service("aa", replicas=2))).run()
    assert [step for step in live.done if step.startswith("stop")] == ["stop shop-1-aa"]


def test_a_broken_configuration_changes_nothing(live: FakeContainers):
    bad = service("bb", before_release=("migrate",))
    with pytest.raises(ContainerError, match="nginx failed"):
        Rollout(live, plan(service("aa")), plan(bad, "broken")).run()
    assert not [step for step in live.done if step.startswith("run migrate")]
    assert live.configuration == "first"
    assert live.links == {paths.link("shop", 0): socket_of("aa")}
    assert "begin webstack-announce in nginx" not in live.done


def test_what_fails_on_its_way_is_put_back(live: FakeContainers, monkeypatch: pytest.MonkeyPatch):
    link = live.run

    def failing(name: str, *command: str) -> str:
        if command[-1] == socket_of("bb"):
            raise ContainerError("the disk is full")
        return link(name, *command)

    monkeypatch.setattr(live, "run", failing)
    with pytest.raises(ContainerError, match="the disk is full"):
        Rollout(live, plan(service("aa")), plan(service("bb"), "second")).run()
    assert live.configuration == "first"
    assert live.links == {paths.link("shop", 0): socket_of("aa")}


def test_a_new_replica_has_its_link_before_the_configuration_names_it(live: FakeContainers):
    live.answering |= {"bb-1.sock"}
    Rollout(live, plan(service("aa")), plan(service("bb", replicas=2), "second")).run()
    steps = [step for step in live.done if step.startswith(("link", "configure"))]
    assert steps[:2] == [f"link {socket_of('bb', 1)}", "configure second"]


def connection(release: str) -> str:
    return f"0000: 00000003 00000000 00000000 0001 03 1 /run/webstack/{release}-0.sock\n"


def test_it_waits_for_the_requests_in_old_containers(live: FakeContainers):
    live.draining = {"nginx": ["", connection("aa") * 2, connection("aa")]}
    Rollout(live, plan(service("aa")), plan(service("bb"))).run()
    assert live.draining == {"nginx": []}


def test_it_waits_no_longer_than_the_grace_of_the_service_whose_requests_they_are(
    live: FakeContainers,
):
    """Another service of the stack may have requests that take much longer."""
    live.draining = {"nginx": [connection("aa")] * 9}
    live.answering.add("dd-0.sock")
    slow = service("dd", grace=600)
    old, new = (plan(service(release, grace=0)) for release in ("aa", "bb"))
    for each in (old, new):
        each.services["slow"] = slow
    Rollout(live, old, new).run()
    assert len(live.draining["nginx"]) == 8


def test_it_waits_for_requests_that_came_through_the_nginx_before(live: FakeContainers):
    live.draining = {"nginx before": ["", connection("aa")]}
    old = msgspec.structs.replace(plan(service("aa")), proxy="nginx before")
    Rollout(live, old, plan(service("bb"))).run()
    assert live.draining == {"nginx before": []}


def test_it_waits_for_requests_in_containers_that_a_killed_run_had_linked(live: FakeContainers):
    live.draining = {"nginx": ["", connection("bb")]}
    live.answering.add("cc-0.sock")
    live.links = {paths.link("shop", 0): socket_of("bb")}
    Rollout(live, plan(service("aa")), plan(service("cc"))).run()
    assert live.draining == {"nginx": []}


def test_requests_in_containers_that_stay_are_not_waited_for(live: FakeContainers):
    live.draining = {"nginx": [connection("aa")]}
    Rollout(live, plan(service("aa")), plan(service("aa"), "second")).run()
    assert live.draining == {"nginx": [connection("aa")]}


class Killed(BaseException):
    """The run is killed: nothing is done any more, not even to put things back."""


@dataclass
class Dying(FakeContainers):
    """The same containers until their run is killed, before its last command or just after it."""

    left: int = 0
    last: bool = False

    def run(self, name: str, *command: str) -> str:
        self.left -= 1
        if self.left < 0 or (self.left == 0 and not self.last):
            raise Killed
        output = super().run(name, *command)
        if self.left == 0:
            raise Killed
        return output


@pytest.mark.parametrize("reloads", [False, True])
@pytest.mark.parametrize("last", [False, True])
def test_a_run_that_is_killed_at_any_moment_is_completed_by_the_next(last: bool, reloads: bool):
    old, new = plan(service("aa")), plan(service("bb"), "second")
    for moment in range(1, 99):
        links = {paths.link("shop", 0): socket_of("aa")}
        world = Dying({"aa-0.sock", "bb-0.sock"}, links=links, left=moment, last=last)
        world.reloads = reloads
        try:
            Rollout(world, old, new).run()
            return
        except Killed:
            world.left, world.reloads = 99, True
            Rollout(world, old, new).run()
        assert (world.configuration, world.loaded) == ("second", "second"), moment
        assert world.links == {paths.link("shop", 0): socket_of("bb")}
    pytest.fail("it was killed each time")


def test_links_of_a_service_that_is_gone_are_removed(live: FakeContainers):
    live.links[paths.link("former", 0)] = "elsewhere"
    Rollout(live, plan(service("aa")), plan(service("bb"))).run()
    assert live.links == {paths.link("shop", 0): socket_of("bb")}


def test_what_a_killed_run_left_is_noticed(live: FakeContainers):
    assert Rollout(live, None, plan(service("aa"))).in_force()
    assert not Rollout(live, None, plan(service("bb"))).in_force()
    live.configuration = "second"
    assert not Rollout(live, None, plan(service("aa"), "second")).in_force()


def test_what_is_in_force_is_found(live: FakeContainers):
    wanted = plan(service("aa"))
    assert Rollout(live, None, wanted).found() == wanted
    live.links = {paths.link("shop", 0): socket_of("bb")}
    live.configuration = "another"
    found = Rollout(live, None, wanted).found()
    assert (found.services["shop"].replicas[0].socket, found.configuration) == (
        "bb-0.sock",
        "another",
    )
    live.links = {}
    assert Rollout(live, None, wanted).found().services["shop"].replicas[0].socket == ""


def test_a_proxy_that_was_stopped_is_noticed_and_started(live: FakeContainers):
    live.conditions["nginx"] = ContainerStatus("exited", restarts=0)
    assert not Rollout(live, None, plan(service("aa"))).in_force()
    Rollout(live, plan(service("aa")), plan(service("aa"))).run()
    assert live.done[:3] == ["start holder", "start nginx", "start shop-0-aa"]


def test_a_plan_survives_the_wire():
    """Pulumi sends every number as a float."""
    wanted = plan(service("aa", replicas=2))
    sent = msgspec.to_builtins(wanted)
    sent["holder_pids"] = 8.0
    assert rollout_plan.plan({**sent, "number": 3.0}) == wanted


def test_files_without_a_hash_are_another_release_s_by_now(live: FakeContainers):
    """Files whose names carry a hash are still the ones of their release."""
    back = service("bb", static="/srv/static")
    live.static_files = ("shop/site.css", "shop/app.0123456789ab.css")
    for names, copied in ((("site.css",), True), (("app.0123456789ab.css",), False)):
        live.done.clear()
        Rollout(live, plan(service("aa")), plan(back), {"shop": names}, gated=False).run()
        assert any(step.startswith("copy") for step in live.done) is copied
        live.links = {paths.link("shop", 0): socket_of("aa")}
