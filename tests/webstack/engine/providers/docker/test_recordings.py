"""The provider agrees with what the Pulumi provider recorded."""

from __future__ import annotations

import re

from webstack.engine.providers.docker import RESOURCES
from webstack.engine.providers.docker.container.outputs import container_outputs, unfinished_outputs
from webstack.engine.providers.docker.network.network import network_outputs
from webstack.engine.providers.docker.volume.volume import volume_outputs

CONTAINER = "docker:index/container:Container"

# Where it differs on purpose: the program's spelling is kept, and limits that Docker derives
# from others are left out, so that neither engine finds a change that nobody made.
OUR_OUTPUTS = {
    "join": {"networkMode": "container:demo-plain"},
    "none": {"memorySwap": 0},
    "once": {"containerLogs": None},
    "sick": {"entrypoints": None},
    "busy": {"entrypoints": None},
}
NO_CHANGE_TO_US = ("cpus", "capabilities", "memorySwap")


def sorted_sets(value):
    """Sort lists of objects, whose order has no meaning."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return sorted(value, key=lambda item: sorted((key, repr(item[key])) for key in item))
    return value


def comparable(outputs):
    return {key: sorted_sets(value) for key, value in outputs.items()}


def test_checked_inputs_are_the_recorded_ones(resource):
    """The same defaults are added, and noted the same way."""
    kind = RESOURCES[resource["type"]]

    checked = kind.check("web", None, resource["program"])

    assert checked == resource["inputs"]


def test_outputs_are_the_recorded_ones(inspected, request):
    """Each output key has the recorded value."""
    inputs = inspected["inputs"]
    if inspected.get("failed"):
        outputs = unfinished_outputs(inputs, inspected["id"])
    elif inspected["type"] == CONTAINER:
        outputs = container_outputs(inputs, inspected["inspect"])
    elif "network" in inspected["type"]:
        outputs = network_outputs(inspected["inspect"])
    else:
        outputs = volume_outputs(inspected["inspect"])

    expected = {**inspected["outputs"], **OUR_OUTPUTS.get(request.node.callspec.id, {})}
    assert comparable(outputs) == comparable(expected)


def test_nothing_changes_in_what_the_pulumi_provider_made(resource):
    """An unchanged program over a state of the CLI is no change, unless the creation failed."""
    kind = RESOURCES[resource["type"]]
    inputs = kind.check("web", resource["inputs"], resource["program"])

    found = kind.diff(resource["inputs"], resource["outputs"], inputs)

    expected = {"entrypoints", "networkDatas"} if resource.get("failed") else set()
    if inputs.get("mustRun") and not resource["outputs"]["mustRun"]:
        expected.add("mustRun")
    if "demo-plain" in inputs.get("networkMode", ""):
        expected.add("networkMode")  # the name of a container, which was recorded as its id
    assert {change.path for change in found.changes} == expected


def test_changes_are_the_recorded_ones(recorded_diff, recorded):
    """Each change of the program updates or replaces just as the Pulumi provider says."""
    resource = recorded[recorded_diff["on"]]
    kind = RESOURCES[resource["type"]]
    program = {**resource["program"], **recorded_diff["change"]}
    program = {key: value for key, value in program.items() if value is not None}
    inputs = kind.check("web", resource["inputs"], program)

    found = kind.diff(resource["inputs"], resource["outputs"], inputs)

    changed = {root(change.path) for change in found.changes}
    replacing = {root(change.path) for change in found.changes if change.replaces}
    tolerated = set(recorded_diff["diffs"]) - changed
    assert tolerated <= set(NO_CHANGE_TO_US)
    assert changed == set(recorded_diff["diffs"]) - tolerated
    assert replacing == set(recorded_diff["replaces"]) - tolerated
    if replacing:
        assert found.delete_before_replace == recorded_diff["dbr"]


def root(path: str) -> str:
    return re.split(r"[.\[]", path)[0]
