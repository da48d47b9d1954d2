from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.swarm.files import ConfigResource, SecretResource

RECORDED = json.loads((Path(__file__).parents[1] / "recordings" / "swarm.json").read_text())
IN_USE = DaemonRefusedError(
    400,
    "rpc error: code = InvalidArgument desc = config 'eng-conf' is in use by the following "
    "service: eng-web",
)
TAKEN = DaemonRefusedError(409, "rpc error: code = AlreadyExists desc = secret x already exists")


@pytest.fixture
def secret():
    return copy.deepcopy(RECORDED["sec"])


@pytest.fixture
def config():
    return copy.deepcopy(RECORDED["conf"])


def test_a_secret_is_created_as_the_program_says(daemon, site, secret):
    daemon.answers = {
        "POST /secrets/create": {"ID": secret["id"]},
        f"GET /secrets/{secret['id']}": secret["inspect"],
    }

    instance = SecretResource().create(site, "sec", secret["inputs"], None)

    assert (instance.id, instance.outputs) == (secret["id"], secret["outputs"])
    assert daemon.details["POST /secrets/create"]["body"] == {
        "Name": "eng-sec", "Labels": {"eng.kind": "secret"}, "Data": "ZHVtbXktc2VjcmV0LTE=",
    }  # fmt: skip


def test_plain_text_reaches_docker_encoded(daemon, site):
    raw = RECORDED["rawconf"]
    daemon.answers = {
        "POST /configs/create": {"ID": raw["id"]},
        f"GET /configs/{raw['id']}": raw["inspect"],
    }

    instance = ConfigResource().create(site, "rawconf", raw["inputs"], None)

    assert instance.outputs == raw["outputs"]
    assert daemon.details["POST /configs/create"]["body"]["Data"] == raw["inspect"]["Spec"]["Data"]


def test_one_that_a_service_uses_is_told_with_the_way_out(daemon, site):
    daemon.answers = {"DELETE /configs/abc": IN_USE}

    with pytest.raises(ProviderError) as refused:
        ConfigResource().delete(site, "abc", {"name": "eng-conf"})

    assert str(refused.value) == (
        "config eng-conf: config 'eng-conf' is in use by the following service: eng-web; Docker "
        "changes none in place: leave its name out, or name both it and its resource by its "
        "content, so that the new one is there before the old one goes"
    )


def test_one_that_is_gone_is_deleted_and_reads_as_none(daemon, site, config):
    ConfigResource().delete(site, "abc", {})

    assert ConfigResource().read(site, "abc", config["inputs"], {}) is None


def test_a_name_that_is_taken_is_told(daemon, site, secret):
    daemon.answers = {"POST /secrets/create": TAKEN}

    with pytest.raises(ProviderError, match="another secret has that name; see `docker secret ls`"):
        SecretResource().create(site, "sec", secret["inputs"], None)


def test_what_an_interrupted_run_left_is_taken_if_it_holds_the_same(daemon, site, config):
    daemon.answers = {"GET /configs/eng-conf": config["inspect"]}
    found = ConfigResource().find(site, "conf", config["inputs"])
    assert (found.id, found.inputs) == (config["id"], config["inputs"])

    other = {**config["inputs"], "data": "aGVsbG8gPSAyCg=="}
    assert ConfigResource().find(site, "conf", other).inputs is None
    unlabelled = {**config["inputs"], "labels": []}
    assert ConfigResource().find(site, "conf", unlabelled) is None


def test_of_a_secret_nobody_can_tell_so_it_is_made_anew(daemon, site, secret):
    daemon.answers = {"GET /secrets/eng-sec": secret["inspect"]}

    found = SecretResource().find(site, "sec", secret["inputs"])

    assert (found.id, found.inputs) == (secret["id"], None)


def test_a_config_can_be_imported_and_a_secret_cannot(daemon, site, config, secret):
    daemon.answers = {
        "GET /configs/eng-conf": config["inspect"],
        "GET /secrets/eng-sec": secret["inspect"],
    }

    imported = ConfigResource().read(site, "eng-conf", {}, {})

    inputs = ConfigResource().check("conf", imported.inputs, config["program"])
    assert ConfigResource().diff(imported.inputs, imported.outputs, inputs).changes == ()
    assert SecretResource().read(site, "eng-sec", {}, {}).inputs is None


@pytest.mark.parametrize("given", [{}, {"data": "YQ==", "dataRaw": "a"}])
def test_a_config_has_its_data_in_one_form(given):
    with pytest.raises(ProviderError, match='docker config "conf": give one of data and dataRaw'):
        ConfigResource().check("conf", None, given)


@pytest.mark.parametrize("kind", [ConfigResource(), SecretResource()])
def test_data_that_is_not_base64_is_refused_without_being_shown(kind):
    with pytest.raises(ProviderError, match="data must be base64") as refused:
        kind.check("x", None, {"data": "hush_hush=="})

    assert "hush" not in str(refused.value)
