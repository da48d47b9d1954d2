from __future__ import annotations

import base64
import copy
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from webstack.engine.model.provider import PartialFailure, ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.registry.credentials import Credentials
from webstack.engine.providers.docker.swarm.service import ServiceResource

RECORDED = json.loads((Path(__file__).parents[1] / "recordings" / "swarm.json").read_text())
CREATE = "POST /services/create"
ID = RECORDED["web"]["id"]
SEEN, UPDATE = f"GET /services/{ID}", f"POST /services/{ID}/update"
OUT_OF_SEQUENCE = DaemonRefusedError(500, "rpc error: code = Unknown desc = update out of sequence")
FAILED = {
    "Slot": 1,
    "DesiredState": "shutdown",
    "Status": {
        "State": "failed",
        "Err": "task: non-zero exit (1)",
        "Timestamp": "1",
        "ContainerStatus": {"ContainerID": "c1"},
    },
}
LOG = b"\x01\0\0\0\0\0\0\x0bcannot bind"


def running(slot):
    return {
        "ID": f"t{slot}",
        "Slot": slot,
        "DesiredState": "running",
        "Status": {"State": "running"},
    }


@pytest.fixture
def web():
    return copy.deepcopy(RECORDED["web"])


@pytest.fixture
def answers(daemon, web):
    daemon.answers = {
        CREATE: {"ID": ID},
        SEEN: web["inspect"],
        UPDATE: {},
        "GET /tasks": [running(1), running(2)],
        f"DELETE /services/{ID}": None,
    }
    return daemon.answers


def test_a_service_is_made_and_waited_for(daemon, site, web, answers):
    instance = ServiceResource().create(site, "web", web["inputs"], None)

    assert instance.id == ID
    assert daemon.changes() == [CREATE]
    assert instance.outputs["convergeConfig"] == {"delay": "1s", "timeout": "60s"}
    assert json.loads(daemon.details["GET /tasks"]["query"]["filters"]) == {"service": [ID]}
    assert daemon.details[CREATE]["headers"] is None


def test_one_that_never_runs_is_removed_and_says_why(daemon, site, web, answers, clock):
    """The last words of a task are in the error, which ends within its timeout."""
    pending = {"Slot": 2, "DesiredState": "running", "Status": {"State": "pending"}}
    answers["GET /tasks"] = [FAILED, pending]
    answers["GET /containers/c1/logs"] = LOG
    web["inputs"]["taskSpec"]["containerSpec"]["stopGracePeriod"] = "0s"

    with pytest.raises(ProviderError) as failure:
        ServiceResource().create(site, "web", web["inputs"], None)

    assert not isinstance(failure.value, PartialFailure)
    assert str(failure.value) == (
        "service eng-web: not all replicas run after 60s (convergeConfig.timeout)"
        "\n    task: task: non-zero exit (1)\n    cannot bind"
    )
    assert f"DELETE /services/{ID}" in daemon.changes()
    assert 60 <= clock.seconds < 95


def test_without_a_convergence_nobody_waits(daemon, site, web, answers):
    del web["inputs"]["convergeConfig"]

    ServiceResource().create(site, "web", web["inputs"], None)

    assert "GET /tasks" not in daemon.calls


def test_a_name_that_is_taken_is_told(daemon, site, web, answers):
    answers[CREATE] = DaemonRefusedError(
        409, "rpc error: code = AlreadyExists desc = name conflicts with an existing object"
    )

    with pytest.raises(ProviderError, match="`docker service rm eng-web`"):
        ServiceResource().create(site, "web", web["inputs"], None)


def test_an_update_is_sent_for_the_version_that_runs(daemon, site, web, answers, clock):
    """The wait is long enough that Docker has begun."""
    answers[SEEN]["Version"]["Index"] = 17

    ServiceResource().update(site, ID, web["outputs"], web["inputs"])

    assert daemon.details[UPDATE]["query"] == {"version": 17}
    assert daemon.details[UPDATE]["body"]["TaskTemplate"]["ContainerSpec"]["Env"] == [
        "LEVEL=1", "MODE=blue",
    ]  # fmt: skip
    assert clock.seconds >= 1.5


def test_an_update_that_another_one_overtakes_is_sent_again(daemon, site, web, answers):
    send = daemon.call
    refusals = [OUT_OF_SEQUENCE, OUT_OF_SEQUENCE]

    def call(method, path, **details):
        answer = send(method, path, **details)
        if method == "POST" and refusals:
            raise refusals.pop()
        return answer

    daemon.call = call
    ServiceResource().update(site, ID, web["outputs"], web["inputs"])

    assert daemon.changes() == [UPDATE] * 3


def test_an_update_that_went_back_leaves_in_the_state_what_runs(daemon, site, web, answers):
    """The next run finds the difference; the provider records the faulty program as there."""
    answers[SEEN]["UpdateStatus"] = {"State": "rollback_completed", "Message": "task x failed"}
    answers["GET /tasks"] = [FAILED, running(1), running(2)]
    new = copy.deepcopy(web["inputs"])
    new["taskSpec"]["containerSpec"]["commands"] = ["false"]

    with pytest.raises(PartialFailure) as failure:
        ServiceResource().update(site, ID, web["outputs"], new)

    assert str(failure.value).startswith(
        "service eng-web: the update failed, and the old tasks run again: task x failed\n"
    )
    outputs = failure.value.instance.outputs
    assert outputs["taskSpec"]["containerSpec"]["commands"] == ["httpd"]
    changes = ServiceResource().diff(web["inputs"], outputs, new).changes
    assert [change.path for change in changes] == ["taskSpec.containerSpec.commands[0]"]


def test_another_mode_is_never_sent(daemon, site, web, answers):
    """A failed run of the provider may have left it in the state."""
    del web["inputs"]["convergeConfig"]
    new = {**web["inputs"], "mode": {"global": True}}

    with pytest.raises(ProviderError, match="`webstack up --refresh` replaces it"):
        ServiceResource().update(site, ID, web["outputs"], new)

    assert daemon.changes() == []


def test_a_service_is_deleted_when_its_tasks_have_ended(daemon, site, web, answers, clock):
    """A short grace time is no failure, as it is to the provider."""
    leaving = {**running(1), "DesiredState": "remove"}
    told = [[leaving], [leaving], [{"Status": {"State": "shutdown"}}], []]
    send = daemon.call

    def call(method, path, **details):
        return told.pop(0) if path == "/tasks" else send(method, path, **details)

    daemon.call = call
    ServiceResource().delete(site, ID, web["outputs"])

    assert told == [[]]
    assert clock.seconds > 0


def test_a_node_that_is_away_does_not_keep_a_service_for_ever(
    daemon, site, web, answers, clock, told
):
    answers["GET /tasks"] = [{**running(1), "DesiredState": "remove"}]

    ServiceResource().delete(site, ID, web["outputs"])

    assert 32 <= clock.seconds < 34
    assert told == [("eng-web", "some tasks have not said that they ended; is a node away?")]


def test_a_service_that_is_gone_is_deleted_and_reads_as_none(daemon, site, web):
    ServiceResource().delete(site, "gone", web["outputs"])

    assert ServiceResource().read(site, "gone", web["inputs"], {}) is None


def test_a_daemon_without_a_swarm_says_so(daemon, site, web):
    words = 'This node is not a swarm manager. Use "docker swarm init" first.'
    daemon.answers = {CREATE: DaemonRefusedError(503, words)}

    with pytest.raises(ProviderError, match="service eng-web: This node is not a swarm manager"):
        ServiceResource().create(site, "web", web["inputs"], None)


def test_what_an_interrupted_run_left_is_taken_or_made_anew(daemon, site, web):
    daemon.answers = {"GET /services/eng-web": web["inspect"]}
    found = ServiceResource().find(site, "web", web["inputs"])
    assert (found.id, found.inputs) == (ID, web["inputs"])

    web["inspect"]["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] = "other"
    assert ServiceResource().find(site, "web", web["inputs"]).inputs is None
    web["inspect"]["Spec"]["Labels"] = {}
    assert ServiceResource().find(site, "web", web["inputs"]) is None


def test_a_service_can_be_imported_by_name(daemon, site, web):
    daemon.answers = {"GET /services/eng-web": web["inspect"]}

    instance = ServiceResource().read(site, "eng-web", {}, {})

    program = {key: value for key, value in web["program"].items() if key != "convergeConfig"}
    inputs = ServiceResource().check("web", instance.inputs, program)
    assert instance.id == ID
    assert ServiceResource().diff(instance.inputs, instance.outputs, inputs).changes == ()


def test_nodes_pull_with_the_login_of_the_image_s_registry(daemon, site, web, answers):
    del web["inputs"]["convergeConfig"]
    web["inputs"]["taskSpec"]["containerSpec"]["image"] = "registry.test/app:1"
    given = {"registry.test": {"address": "registry.test", "username": "u", "password": "p"}}
    site = replace(site, credentials=Credentials(given, lambda registry, file: None))

    ServiceResource().create(site, "web", web["inputs"], None)
    assert sent(daemon)["password"] == "p"
    own = {"serverAddress": "registry.test", "username": "me", "password": "mine"}
    ServiceResource().create(site, "web", {**web["inputs"], "auth": own}, None)
    assert (sent(daemon)["username"], sent(daemon)["password"]) == ("me", "mine")


def sent(daemon):
    header = daemon.details[CREATE]["headers"]["X-Registry-Auth"]
    return json.loads(base64.urlsafe_b64decode(header))


def test_a_preview_promises_nothing_that_docker_fills_in(web):
    planned = ServiceResource().planned_outputs(web["inputs"], None)

    assert planned["name"] == "eng-web"
    assert {"taskSpec", "mode", "endpointSpec"} & planned.keys() == set()
