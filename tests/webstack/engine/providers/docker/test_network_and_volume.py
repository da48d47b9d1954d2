from __future__ import annotations

import copy

import pytest

from tests.webstack.engine.providers.docker.conftest import load
from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.network.network import NetworkResource
from webstack.engine.providers.docker.volume.volume import VolumeResource

CREATE = "POST /networks/create"
CONFLICT = DaemonRefusedError(409, "network with name demo-net already exists")
ENDPOINTS = DaemonRefusedError(403, "error while removing network: network has active endpoints")
IN_USE = DaemonRefusedError(409, "remove data: volume is in use - [abc]")


@pytest.fixture
def net(recorded):
    return copy.deepcopy(recorded["net"])


@pytest.fixture
def vol(recorded):
    return copy.deepcopy(recorded["vol"])


def test_a_network_is_created_as_the_program_says(daemon, site, net):
    daemon.answers = {CREATE: {"Id": net["id"]}, f"GET /networks/{net['id']}": net["inspect"]}

    instance = NetworkResource().create(site, "net", net["inputs"], None)

    assert (instance.id, instance.outputs) == (net["id"], net["outputs"])
    assert daemon.details[CREATE]["body"] == {
        "Name": "demo-net",
        "CheckDuplicate": True,
        "Labels": {"a": "1"},
        "Options": {"com.docker.network.bridge.enable_icc": "true"},
        "Internal": True,
        "Attachable": True,
        "Ingress": False,
        "EnableIPv6": False,
        "IPAM": {
            "Driver": "default",
            "Config": [
                {
                    "Subnet": "10.77.0.0/16",
                    "IPRange": "10.77.5.0/24",
                    "Gateway": "10.77.0.9",
                    "AuxiliaryAddresses": {"x": "10.77.5.3"},
                }
            ],
        },
    }


NUMBERS = {"com.docker.network.driver.overlay.vxlanid_list": "4097"}


@pytest.fixture
def overlay():
    """Give what the Pulumi provider and Docker say of an encrypted network of a swarm."""
    recorded = copy.deepcopy(load("swarm.json")["net"])
    recorded["inspect"] = {
        "Id": recorded["id"],
        "Name": "eng-net",
        "Scope": "swarm",
        "Driver": "overlay",
        "Attachable": True,
        "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1"}]},
        "Options": {"encrypted": "", **NUMBERS},
        "Labels": {"eng.tier": "swarm"},
    }
    return recorded


def test_the_numbers_that_a_swarm_gives_a_network_are_no_change(daemon, site, overlay):
    """The state has them not: the Pulumi provider would replace the network for them."""
    seen = [{**overlay["inspect"], "Driver": "", "IPAM": {}}, overlay["inspect"]]
    daemon.answers = {CREATE: {"Id": overlay["id"]}, f"GET /networks/{overlay['id']}": seen[1]}
    ask = daemon.call

    def call(method, path, **details):
        return seen.pop(0) if method == "GET" and seen else ask(method, path, **details)

    daemon.call = call
    instance = NetworkResource().create(site, "net", overlay["inputs"], None)

    assert instance.outputs == {**overlay["outputs"], "options": {"encrypted": ""}}
    read = NetworkResource().read(site, overlay["id"], overlay["inputs"], {})
    assert (read.outputs, read.inputs) == (instance.outputs, overlay["inputs"])
    for outputs in (instance.outputs, overlay["outputs"]):
        diff = NetworkResource().diff(overlay["inputs"], outputs, overlay["inputs"])
        assert diff.changes == ()
    other = {**overlay["inputs"], "options": {}}
    changed = NetworkResource().diff(overlay["inputs"], overlay["outputs"], other).changes
    assert [(change.path, change.replaces) for change in changed] == [
        ('options["encrypted"]', True)
    ]


def test_numbers_that_the_program_gives_stay(daemon, site, overlay):
    given = {**overlay["inputs"], "options": {"encrypted": "", **NUMBERS}}
    daemon.answers = {f"GET /networks/{overlay['id']}": overlay["inspect"]}

    read = NetworkResource().read(site, overlay["id"], given, {})

    assert read.outputs["options"] == given["options"]


def test_a_network_that_a_service_uses_is_told_with_the_way_out(daemon, site, clock):
    """A task that is on its way out is waited for, a service is not."""
    words = "rpc error: code = FailedPrecondition desc = network abc is in use by {} x"
    daemon.answers = {"DELETE /networks/abc": DaemonRefusedError(400, words.format("service"))}

    with pytest.raises(ProviderError, match=r"^network net: network abc is in use by service x; "):
        NetworkResource().delete(site, "abc", {"name": "net"})

    assert clock.seconds == 0
    daemon.answers = {"DELETE /networks/abc": DaemonRefusedError(400, words.format("task"))}
    with pytest.raises(ProviderError, match=r"in use by task x$"):
        NetworkResource().delete(site, "abc", {"name": "net"})
    assert clock.seconds >= 30


def test_a_second_network_of_one_name_is_refused(daemon, site, net):
    daemon.answers = {CREATE: CONFLICT, "GET /networks": []}

    with pytest.raises(ProviderError, match="another network has that name"):
        NetworkResource().create(site, "net", net["inputs"], None)


def test_a_network_that_an_earlier_run_made_unheard_is_taken(daemon, site, net):
    """The network has the very labels; without labels it might be anybody's."""
    daemon.answers = {
        CREATE: CONFLICT,
        "GET /networks": [{"Name": "demo-net", "Id": net["id"]}],
        f"GET /networks/{net['id']}": net["inspect"],
    }

    assert NetworkResource().create(site, "net", net["inputs"], None).id == net["id"]
    net["inspect"]["Labels"] = {}
    without = {key: value for key, value in net["inputs"].items() if key != "labels"}
    with pytest.raises(ProviderError, match="another network has that name"):
        NetworkResource().create(site, "net", without, None)


def test_a_network_waits_for_containers_that_are_going(daemon, site, clock):
    calls = [ENDPOINTS, ENDPOINTS, None]
    daemon.answers = {"DELETE /networks/abc": None}

    def delete(method, path, **details):
        answer = calls.pop(0)
        if answer is not None:
            raise answer

    daemon.call = delete
    NetworkResource().delete(site, "abc", {})

    assert clock.seconds > 0
    assert calls == []


def test_a_network_in_use_is_reported_in_the_end(daemon, site, clock):
    daemon.answers = {"DELETE /networks/abc": ENDPOINTS}

    with pytest.raises(ProviderError, match="network net: error while removing"):
        NetworkResource().delete(site, "abc", {"name": "net"})

    assert 30 <= clock.seconds < 31


def test_a_network_that_is_gone_is_deleted_and_reads_as_none(daemon, site, net):
    NetworkResource().delete(site, "abc", {})

    assert NetworkResource().read(site, "abc", net["inputs"], {}) is None


def test_a_network_can_be_imported_by_name(daemon, site, net):
    """The imported network needs no change."""
    daemon.answers = {"GET /networks/demo-net": net["inspect"]}

    instance = NetworkResource().read(site, "demo-net", {}, {})

    inputs = NetworkResource().check("net", instance.inputs, net["program"])
    assert instance.id == net["id"]
    assert NetworkResource().diff(instance.inputs, instance.outputs, inputs).changes == ()


def test_a_network_is_found_again_only_if_it_is_the_one(daemon, site, net):
    listed = {"Name": "demo-net", "Id": net["id"]}
    daemon.answers = {
        "GET /networks": [listed, {"Name": "demo-net-2", "Id": "x"}],
        f"GET /networks/{net['id']}": net["inspect"],
    }
    found = NetworkResource().find(site, "net", net["inputs"])
    assert (found.id, found.inputs) == (net["id"], net["inputs"])

    other = {**net["inputs"], "labels": []}
    assert NetworkResource().find(site, "net", other) is None
    daemon.answers["GET /networks"] = [listed, {**listed, "Id": "x"}]
    assert NetworkResource().find(site, "net", net["inputs"]) is None


def test_a_volume_is_created_or_taken_over(daemon, site, vol):
    daemon.answers = {"POST /volumes/create": vol["inspect"]}

    instance = VolumeResource().create(site, "vol", vol["inputs"], None)

    assert (instance.id, instance.outputs) == (vol["id"], vol["outputs"])
    assert daemon.details["POST /volumes/create"]["body"] == {
        "Name": "demo-vol",
        "DriverOpts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,uid=1000"},
        "Labels": {"a": "1", "b": "2"},
    }


def test_a_volume_in_use_is_named_in_the_end(daemon, site, clock):
    daemon.answers = {"DELETE /volumes/data": IN_USE}

    with pytest.raises(ProviderError, match="docker ps -a --filter volume=data"):
        VolumeResource().delete(site, "data", {})

    assert 30 <= clock.seconds < 31


def test_another_refusal_is_reported_at_once(daemon, site, clock):
    daemon.answers = {"DELETE /volumes/data": DaemonRefusedError(500, "read-only file system")}

    with pytest.raises(ProviderError, match="volume data: read-only file system"):
        VolumeResource().delete(site, "data", {})

    assert clock.seconds == 0


def test_a_volume_that_is_gone_is_deleted_and_reads_as_none(daemon, site, vol):
    VolumeResource().delete(site, "data", {})

    assert VolumeResource().read(site, "data", vol["inputs"], {}) is None


def test_a_volume_is_found_again_only_if_it_is_as_wanted(daemon, site, vol):
    daemon.answers = {"GET /volumes/demo-vol": vol["inspect"]}

    found = VolumeResource().find(site, "vol", vol["inputs"])

    assert (found.id, found.inputs) == ("demo-vol", vol["inputs"])
    assert VolumeResource().find(site, "vol", {**vol["inputs"], "labels": []}) is None


def test_a_cluster_volume_is_refused_by_name():
    with pytest.raises(ProviderError, match="property cluster is not supported"):
        VolumeResource().check("vol", None, {"cluster": {"scope": "single"}})


@pytest.mark.parametrize("kind", [NetworkResource(), VolumeResource()])
def test_a_given_name_is_free_only_after_the_old_one_went(kind):
    """A generated one is new each time, so the old one may go last."""
    given = kind.check("a", None, {"name": "mine", "driver": "x"})
    generated = kind.check("a", None, {"driver": "x"})
    recorded = {"name": "mine", "driver": "y", "labels": [], "ipamDriver": "default"}

    assert kind.diff(given, recorded, given).delete_before_replace
    assert not kind.diff(generated, {**recorded, "name": generated["name"]}, generated
                         ).delete_before_replace  # fmt: skip
