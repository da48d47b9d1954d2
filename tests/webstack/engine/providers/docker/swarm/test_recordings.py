"""The provider agrees with what the Pulumi provider recorded of a swarm."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker import RESOURCES
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.swarm.files import ConfigResource, SecretResource
from webstack.engine.providers.docker.swarm.live import in_order_of
from webstack.engine.providers.docker.swarm.outputs import service_outputs
from webstack.engine.providers.docker.swarm.request import service_body
from webstack.engine.providers.docker.swarm.service_schema import SERVICE

RECORDINGS = Path(__file__).parents[1] / "recordings"
RECORDED = json.loads((RECORDINGS / "swarm.json").read_text())
CHANGES = json.loads((RECORDINGS / "swarm-diffs.json").read_text())
SERVICES = [key for key, item in RECORDED.items() if item["type"].endswith(":Service")]

# Where it differs on purpose. Spellings of one value count as equal.
ONE_SPELLING = {
    "interval 1000ms", "window 10000ms", "delay 0h0m1s", "grace 2000ms", "converge 1m",
}  # fmt: skip
# A service of one mode cannot become one of the other, so it is replaced.
REPLACED = {"mode to global (no converge)": "mode"}
# Docker would refuse it only in the middle of the run.
REFUSED = {"network without id and name"}
# Of the two networks that replace the third, nothing is known here.
NOT_OF_ONE_RESOURCE = {"network attachable", "network options not ignored"}


def plain(value):
    """Give a value as it compares: nothing empty, sets in one order, Go's longer durations."""
    if isinstance(value, dict):
        items = {key: plain(item) for key, item in value.items() if not key.startswith("__")}
        return {key: item for key, item in items.items() if item not in (None, "", {}, [], 0)}
    if isinstance(value, list):
        return sorted((plain(item) for item in value), key=by_text)
    return value


def by_text(value):
    return json.dumps(value, sort_keys=True)


def merged(program, change):
    if not (isinstance(program, dict) and isinstance(change, dict)):
        return change
    both = {**program, **{key: merged(program.get(key), change[key]) for key in change}}
    return {key: value for key, value in both.items() if value is not None}


@pytest.mark.parametrize("key", RECORDED)
def test_checked_inputs_are_the_recorded_ones(key):
    """The same defaults are added, and noted the same way."""
    item = RECORDED[key]

    checked = RESOURCES[item["type"]].check(key, item["inputs"], item["program"])

    assert unsealed(checked) == item["inputs"]


def unsealed(inputs):
    return {key: getattr(value, "value", value) for key, value in inputs.items()}


# Where the program left open what Docker answers, the state keeps it open, as the provider would
# find a change otherwise; and it keeps the program's spelling of what it gave.
SPELT = {
    ("part", "taskSpec", "restartPolicy", "delay"): "",
    ("part", "taskSpec", "restartPolicy", "window"): "",
    ("part", "taskSpec", "containerSpec", "stopGracePeriod"): "90s",
}


@pytest.mark.parametrize("key", SERVICES)
def test_outputs_of_a_service_are_the_recorded_ones(key):
    item = copy.deepcopy(RECORDED[key])
    for (name, *path, last), value in SPELT.items():
        if name == key:
            place = item["outputs"]
            for step in path:
                place = place[step]
            place[last] = value
    if key == "part":  # the recording of Docker's side is from before it had chosen the port
        item["inspect"]["Endpoint"]["Ports"] = [
            {**item["inspect"]["Spec"]["EndpointSpec"]["Ports"][0], "PublishedPort": 30000}
        ]

    outputs = service_outputs(item["inputs"], item["inspect"])

    assert outputs.keys() == item["outputs"].keys()
    assert plain(outputs) == plain(item["outputs"])


@pytest.mark.parametrize(
    ("kind", "key"),
    [(ConfigResource(), "conf"), (ConfigResource(), "rawconf"), (SecretResource(), "sec")],
)
def test_outputs_of_a_file_are_the_recorded_ones(kind, key):
    item = RECORDED[key]

    assert kind.outputs(item["inputs"], item["inspect"]) == item["outputs"]


@pytest.mark.parametrize("key", SERVICES)
def test_a_service_is_asked_for_as_the_provider_asks(key):
    """Otherwise the provider's next update would start all its tasks anew."""
    item = RECORDED[key]
    body, sent = service_body(item["inputs"]), item["inspect"]["Spec"]

    for place in ("TaskTemplate", "UpdateConfig", "RollbackConfig", "Labels"):
        wanted = sent.get(place) or {}
        asked = in_order_of(body.get(place) or {}, wanted)
        if place == "TaskTemplate":
            # What Docker fills in itself.
            asked = {"Runtime": "container", **asked}
            asked["RestartPolicy"] = asked["RestartPolicy"] or wanted["RestartPolicy"]
        if place in ("UpdateConfig", "RollbackConfig"):
            asked = {name: value for name, value in asked.items() if value or name in wanted}
        assert asked == wanted


@pytest.mark.parametrize("key", RECORDED)
def test_nothing_changes_in_what_the_pulumi_provider_made(key):
    """The provider itself would find a change in some of these at every run."""
    item = RECORDED[key]
    kind = RESOURCES[item["type"]]
    inputs = unsealed(kind.check(key, item["inputs"], item["program"]))

    assert kind.diff(item["inputs"], item["outputs"], inputs).changes == ()


@pytest.mark.parametrize("key", SERVICES)
def test_what_was_made_reads_back_to_its_inputs(key):
    """A refresh that finds everything as it was leaves the state alone."""
    item = RECORDED[key]
    outputs = service_outputs(item["inputs"], item["inspect"])

    assert refreshed_inputs(SERVICE, item["inputs"], outputs) == item["inputs"]


def test_what_was_changed_by_hand_goes_into_the_inputs_alone():
    """The rest of a block stays as the program wrote it."""
    item = copy.deepcopy(RECORDED["web"])
    item["inspect"]["Spec"]["Mode"]["Replicated"]["Replicas"] = 1
    task = item["inspect"]["Spec"]["TaskTemplate"]
    task["Resources"]["Limits"]["MemoryBytes"] = 41943040
    task["ContainerSpec"]["Env"].append("EXTRA=1")
    outputs = service_outputs(item["inputs"], item["inspect"])

    inputs = refreshed_inputs(SERVICE, item["inputs"], outputs)

    expected = copy.deepcopy(item["inputs"])
    expected["mode"]["replicated"]["replicas"] = 1
    expected["taskSpec"]["resources"]["limits"]["memoryBytes"] = 41943040
    expected["taskSpec"]["containerSpec"]["env"]["EXTRA"] = "1"
    assert inputs == expected
    back = RESOURCES[item["type"]].diff(inputs, outputs, item["inputs"])
    assert [change.path for change in back.changes] == [
        "mode.replicated.replicas",
        'taskSpec.containerSpec.env["EXTRA"]',
        "taskSpec.resources.limits.memoryBytes",
    ]


@pytest.mark.parametrize("case", CHANGES, ids=[f"{case['on']}: {case['name']}" for case in CHANGES])
def test_changes_are_the_recorded_ones(case):
    """Each change of the program updates or replaces just as the Pulumi provider says."""
    item = RECORDED[case["on"]]
    kind = RESOURCES[item["type"]]
    program = merged(item["program"], case["change"])
    if case["refused"] or case["name"] in REFUSED:
        with pytest.raises(ProviderError, match=f'"{case["on"]}": .*'):
            kind.check(case["on"], item["inputs"], program)
        return
    inputs = unsealed(kind.check(case["on"], item["inputs"], program))
    found = kind.diff(item["inputs"], item["outputs"], inputs)
    replacing = {root(change.path) for change in found.changes if change.replaces}
    expected = set(case["diffs"])
    if case["name"] in ONE_SPELLING:
        expected = set()
    assert {root(change.path) for change in found.changes} == expected
    replaced = case["op"] == "replace" or case["name"] in REPLACED
    assert bool(replacing) == replaced
    if replaced:
        assert found.delete_before_replace


def root(path: str) -> str:
    return re.split(r"[.\[]", path)[0]
