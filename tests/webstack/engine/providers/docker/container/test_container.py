from __future__ import annotations

import copy
import json

import pytest

from webstack.engine.model.provider import PartialFailure, ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError, DaemonUnreachableError
from webstack.engine.providers.docker.container.container import ContainerResource

CREATE = "POST /containers/create"
START = "POST /containers/abc/start"
INSPECT = "GET /containers/abc/json"
IMAGE = "GET /images/demo/json"


@pytest.fixture
def seen(recorded):
    """Describe a running container as Docker does."""
    inspect = copy.deepcopy(recorded["plain"]["inspect"])
    inspect.update(Id="abc", Name="/web")
    inspect["Config"]["Image"] = "demo"
    return inspect


def with_state(inspect, **state):
    return {**inspect, "State": {**inspect["State"], **state}}


def checked(**program):
    return ContainerResource().check("web", None, {"name": "web", "image": "demo", **program})


@pytest.fixture
def prepared(daemon, seen):
    daemon.answers = {
        IMAGE: {"Id": "sha256:1"},
        CREATE: {"Id": "abc"},
        START: None,
        INSPECT: [seen],
        "POST /networks/bridge/disconnect": None,
        "POST /networks/net/connect": None,
        "PUT /containers/abc/archive": None,
        "GET /containers/abc/logs": b"\x01\x00\x00\x00\x00\x00\x00\x06hello\n",
    }
    return daemon


def create(site, timeout=None, **program):
    return ContainerResource().create(site, "web", checked(**program), timeout)


def test_creates_connects_fills_and_starts_in_this_order(prepared, site):
    """Networks and files are there before the first process runs."""
    uploads = [{"file": "/a", "content": "x"}]
    instance = create(site, networksAdvanced=[{"name": "net"}], uploads=uploads)

    assert prepared.changes() == [
        CREATE,
        "POST /networks/bridge/disconnect",
        "POST /networks/net/connect",
        "PUT /containers/abc/archive",
        START,
    ]
    assert instance.id == "abc"
    assert instance.outputs["name"] == "web"


def test_the_default_network_need_not_be_connected(prepared, site):
    prepared.answers["POST /networks/bridge/disconnect"] = DaemonRefusedError(
        403, "container abc is not connected to the network bridge"
    )

    create(site, networksAdvanced=[{"name": "net"}], networkMode="none")

    assert START in prepared.calls


def test_pulls_only_an_image_that_is_not_there(prepared, site):
    prepared.answers[IMAGE] = DaemonRefusedError(404, "no such image")
    prepared.answers["POST /images/create"] = [{"error": "no route to host"}]

    with pytest.raises(ProviderError, match="image demo cannot be pulled: no route to host"):
        create(site)

    assert CREATE not in prepared.calls


def test_a_container_that_is_only_created_is_not_started(prepared, site, seen):
    prepared.answers[INSPECT] = [with_state(seen, Running=False)]

    instance = create(site, start=False)

    assert prepared.changes() == [CREATE]
    assert instance.outputs["mustRun"] is True


def test_waits_until_healthy(prepared, site, seen, clock):
    starting = with_state(seen, Health={"Status": "starting"})
    healthy = with_state(seen, Health={"Status": "healthy"})
    prepared.answers[INSPECT] = [starting, starting, healthy]

    create(site, wait=True)

    assert 0.1 <= clock.seconds <= 0.4


def test_fails_at_once_when_unhealthy_with_what_the_check_said(prepared, site, seen, clock):
    log = [{"ExitCode": 1, "Output": "connection refused\n"}]
    prepared.answers[INSPECT] = [with_state(seen, Health={"Status": "unhealthy", "Log": log})]

    with pytest.raises(PartialFailure) as failure:
        create(site, wait=True, waitTimeout=60)

    assert str(failure.value) == (
        "container web: unhealthy\n    health check: connection refused\n    hello"
    )
    assert clock.seconds == 0


def test_fails_at_once_when_it_exits_with_code_and_last_lines(prepared, site, seen):
    """The kept state makes the next run replace the container."""
    prepared.answers[INSPECT] = [seen, with_state(seen, Running=False, ExitCode=3)]

    with pytest.raises(PartialFailure) as failure:
        create(site)

    assert str(failure.value) == "container web: exited with code 3\n    hello"
    outputs = failure.value.instance.outputs
    assert (outputs["id"], outputs["entrypoints"], outputs["networkDatas"]) == ("abc", None, None)
    assert ContainerResource().diff(checked(), outputs, checked()).delete_before_replace


def test_a_container_that_restarts_again_and_again_does_not_run(prepared, site, seen):
    ended = with_state(seen, FinishedAt="2026-11-21T12:00:05.987654321Z")
    prepared.answers[INSPECT] = [{**ended, "RestartCount": 1}]
    deaths = (json.dumps({"Actor": {"Attributes": {"exitCode": code}}}) for code in ("2", "3"))
    prepared.answers["GET /events"] = "\n".join(deaths).encode()

    with pytest.raises(PartialFailure, match="exited with code 3\n"):
        create(site, restart="always")

    asked = prepared.details["GET /events"]["query"]
    assert (asked["since"], asked["until"]) == (1795262405, 1795262407)


def test_an_exit_that_docker_has_forgotten_has_no_code(prepared, site, seen):
    ended = with_state(seen, FinishedAt="2026-11-21T12:00:05.987654321Z")
    prepared.answers[INSPECT] = [{**ended, "RestartCount": 1}]
    prepared.answers["GET /events"] = b""

    with pytest.raises(PartialFailure, match="container web: exited\n"):
        create(site, restart="always")


def test_a_job_may_end(prepared, site, seen):
    prepared.answers[INSPECT] = [with_state(seen, Running=False, ExitCode=0)]

    instance = create(site, mustRun=False)

    assert (instance.outputs["mustRun"], instance.outputs["exitCode"]) == (False, 0)


def test_a_job_is_waited_for_and_its_output_kept(prepared, site, seen, clock):
    prepared.answers[INSPECT] = [seen, seen, with_state(seen, Running=False, ExitCode=0)]

    instance = create(site, attach=True, logs=True, mustRun=False)

    assert instance.outputs["containerLogs"] == "hello\n"
    assert clock.seconds > 0


def test_gives_up_waiting_after_the_shorter_of_both_limits(prepared, site, seen, clock):
    prepared.answers[INSPECT] = [with_state(seen, Health={"Status": "starting"})]

    with pytest.raises(PartialFailure, match=r"not healthy within 5 seconds"):
        create(site, timeout=5, wait=True, waitTimeout=60)

    assert 5 <= clock.seconds < 6


def test_waiting_needs_a_health_check(prepared, site):
    with pytest.raises(PartialFailure, match="wait needs a health check"):
        create(site, wait=True)


@pytest.mark.parametrize(
    "reason",
    [
        "driver failed: Bind for 127.0.0.1:8080 failed: port is already allocated",
        "listen tcp4 0.0.0.0:8080: bind: address already in use",
        "listen tcp 127.0.0.1:8080: bind: address already in use",
    ],
)
def test_a_taken_port_is_named_with_the_way_out(prepared, site, reason):
    prepared.answers[START] = DaemonRefusedError(500, reason)

    with pytest.raises(PartialFailure) as failure:
        create(site)

    message = str(failure.value)
    assert message.startswith("container web: port 8080 of the host is in use already")
    assert "docker ps --filter publish=8080" in message
    assert "\n" not in message


def test_a_taken_name_leaves_nothing_behind(prepared, site):
    prepared.answers[CREATE] = DaemonRefusedError(
        409, 'Conflict. The container name "/web" is already in use by container "def"'
    )

    with pytest.raises(ProviderError, match="another container has that name") as failure:
        create(site)

    assert not isinstance(failure.value, PartialFailure)


TAKEN = DaemonRefusedError(
    409, 'Conflict. The container name "/web" is already in use by container "abc"'
)


def test_what_an_earlier_run_left_unstarted_is_made_again(prepared, site, seen):
    """The earlier run lost its connection before it heard that the container was there."""
    left = {**with_state(seen, Status="created", Running=False), "Id": "old"}
    answers = [TAKEN, {"Id": "abc"}]
    answer = prepared._answer

    def create_twice(key, details):
        found = answer(key, details)
        if key == CREATE and isinstance(found := answers.pop(0), Exception):
            raise found
        return found

    prepared._answer = create_twice
    prepared.answers |= {"GET /containers/web/json": [left], "DELETE /containers/old": None}

    assert create(site).id == "abc"
    assert prepared.changes() == [CREATE, "DELETE /containers/old", CREATE, START]


@pytest.mark.parametrize(
    ("state", "image"), [({"Status": "running"}, "demo"), ({"Status": "created"}, "other")]
)
def test_a_container_that_may_be_somebody_elses_is_never_removed(
    prepared, site, seen, state, image
):
    seen["Config"]["Image"] = image
    prepared.answers |= {CREATE: TAKEN, "GET /containers/web/json": [with_state(seen, **state)]}

    with pytest.raises(ProviderError, match="another container has that name"):
        create(site)

    assert prepared.changes() == [CREATE]


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ({"healthcheck": {"startInterval": "5s"}}, "healthcheck.startInterval needs"),
        (
            {"mounts": [{"type": "volume", "target": "/a", "volumeOptions": {"subpath": "b"}}]},
            "subpath needs a Docker daemon with API 1.45",
        ),
        ({"networksAdvanced": [{"name": "net", "gwPriority": 1}]}, "gwPriority needs"),
    ],
)
def test_what_an_old_engine_would_leave_out_is_refused(prepared, site, program, problem):
    with pytest.raises(ProviderError, match=problem):
        create(site, **program)

    assert prepared.changes() == []


def test_an_engine_that_goes_away_in_the_middle_leaves_a_state_to_go_on_from(prepared, site):
    prepared.answers[START] = DaemonUnreachableError("the Docker daemon went away")

    with pytest.raises(
        PartialFailure, match="container web: the Docker daemon went away"
    ) as failure:
        create(site)

    assert failure.value.instance.id == "abc"


def test_a_full_disk_is_said_plainly(prepared, site):
    prepared.answers[CREATE] = DaemonRefusedError(500, "mkdir /x: no space left on device")

    with pytest.raises(ProviderError, match="no disk space left for the Docker daemon"):
        create(site)


def test_changes_limits_in_place(prepared, site):
    prepared.answers["POST /containers/abc/update"] = {"Warnings": None}
    old = create(site, memory=64).outputs

    outputs = ContainerResource().update(site, "abc", old, checked(memory=128))

    assert prepared.details["POST /containers/abc/update"]["body"]["Memory"] == 128 * 2**20
    assert outputs["memory"] == 128
    assert {key for key in old if old[key] != outputs[key]} <= {"memory"}


def test_a_change_that_docker_cannot_make_is_recorded_and_said(prepared, site, told):
    """The Pulumi provider records it as well; the message is ours."""
    old = create(site).outputs
    new = checked(healthcheck={"tests": ["CMD", "true"]})

    outputs = ContainerResource().update(site, "abc", old, new)

    assert "POST /containers/abc/update" not in prepared.calls
    assert outputs["healthcheck"]["tests"] == ["CMD", "true"]
    assert told == [("web", "healthcheck takes effect only when the container is replaced")]


def test_starts_again_what_stopped(prepared, site, seen):
    old = {**create(site).outputs, "mustRun": False, "exitCode": 1}
    prepared.calls.clear()

    outputs = ContainerResource().update(site, "abc", old, checked())

    assert prepared.changes() == [START]
    assert (outputs["mustRun"], outputs["exitCode"]) == (True, None)


def test_bookkeeping_of_the_pulumi_provider_is_dropped_on_a_change(prepared, site):
    """The bookkeeping describes the provider's own values; with others the provider would crash."""
    old = {**create(site).outputs, "__pulumi_raw_state_delta": {"obj": {}}, "__meta": "{}"}

    outputs = ContainerResource().update(site, "abc", old, checked(waitTimeout=5))

    assert outputs["waitTimeout"] == 5
    assert not any(key.startswith("__") for key in outputs)


def delete(site, **outputs):
    ContainerResource().delete(site, "abc", {"name": "web", **outputs})


def test_stops_with_grace_and_removes_with_anonymous_volumes(daemon, site):
    daemon.answers = {"POST /containers/abc/stop": None, "DELETE /containers/abc": None}

    delete(site, destroyGraceSeconds=7)

    assert daemon.changes() == ["POST /containers/abc/stop", "DELETE /containers/abc"]
    stop = daemon.details["POST /containers/abc/stop"]
    assert stop["query"] == {"t": 7}
    assert stop["timeout"] > 7
    assert daemon.details["DELETE /containers/abc"]["query"] == {"force": "true", "v": "true"}


def test_a_container_that_is_gone_is_deleted(daemon, site):
    delete(site)


def test_waits_for_a_removal_in_progress(daemon, site, seen, clock):
    daemon.answers = {
        "POST /containers/abc/stop": None,
        "DELETE /containers/abc": DaemonRefusedError(
            409, "removal of container abc is already in progress"
        ),
        INSPECT: [seen, seen, DaemonRefusedError(404, "No such container")],
    }

    delete(site)

    assert clock.seconds > 0


def test_a_refused_removal_is_reported(daemon, site):
    daemon.answers = {
        "POST /containers/abc/stop": None,
        "DELETE /containers/abc": DaemonRefusedError(500, "device or resource busy"),
    }

    with pytest.raises(ProviderError, match="container web: device or resource busy"):
        delete(site)


def test_reads_what_changed_by_hand(prepared, site, seen):
    """Drift shows in outputs and inputs; unchanged properties keep the program's spelling."""
    inputs = checked(memory=64, envs=["B=1", "A=1"])
    seen["HostConfig"]["Memory"] = 32 * 2**20

    instance = ContainerResource().read(site, "abc", inputs, {})

    assert instance.outputs["memory"] == instance.inputs["memory"] == 32
    assert instance.inputs["envs"] == ["B=1", "A=1"]


def test_a_stopped_container_is_drift(prepared, site, seen):
    """The next run then starts it."""
    prepared.answers[INSPECT] = [with_state(seen, Running=False, ExitCode=137)]

    instance = ContainerResource().read(site, "abc", checked(), {})

    assert instance.outputs["mustRun"] is instance.inputs["mustRun"] is False
    changes = ContainerResource().diff(instance.inputs, instance.outputs, checked()).changes
    assert [change.path for change in changes] == ["mustRun"]


def test_reads_none_when_gone(daemon, site):
    assert ContainerResource().read(site, "abc", checked(), {}) is None


def test_imports_without_inputs(prepared, site, seen):
    """The inputs are what the program must say to change nothing."""
    instance = ContainerResource().read(site, "abc", {}, {})

    assert instance.inputs["command"] == ["sleep", "1000"]
    assert ContainerResource().diff(instance.inputs, instance.outputs, checked()).changes == ()


FOUND = "GET /containers/web/json"


def test_finds_a_whole_container_again(daemon, site, seen):
    daemon.answers[FOUND] = [seen]

    instance = ContainerResource().find(site, "web", checked())

    assert instance.id == "abc"
    assert instance.inputs == checked()


@pytest.mark.parametrize("state", [{"Running": False}, {"Health": {"Status": "starting"}}])
def test_finds_a_half_made_container_to_make_it_again(daemon, site, seen, state):
    daemon.answers[FOUND] = [with_state(seen, **state)]

    instance = ContainerResource().find(site, "web", checked(wait=True))

    assert (instance.id, instance.inputs) == ("abc", None)


@pytest.mark.parametrize(
    "program",
    [
        {"image": "other"},
        {"envs": ["NEW=1"]},
        {"labels": [{"label": "webstack.stack", "value": "dev"}]},
    ],
)
def test_leaves_a_container_of_somebody_else_alone(daemon, site, seen, program):
    daemon.answers[FOUND] = [seen]

    assert ContainerResource().find(site, "web", checked(**program)) is None


def test_finds_nothing_where_nothing_is(daemon, site):
    assert ContainerResource().find(site, "web", checked()) is None
