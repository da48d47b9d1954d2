from __future__ import annotations

import base64
import json

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.image.remote_image import RemoteImageResource
from webstack.engine.providers.docker.image.store import local_or_pulled, pull, push, repo_digest
from webstack.engine.providers.docker.image.tag import TagResource
from webstack.engine.providers.docker.registry.credentials import Credentials, Login
from webstack.engine.providers.docker.resource.resource import DockerSite

PULL = "POST /images/create"
PUSH = "POST /images/ghcr.io/me/app/push"
ID = "sha256:" + "1" * 64
DIGEST = "sha256:" + "2" * 64


@pytest.fixture
def logged_in(daemon, told):
    login = Login("ghcr.io", "me", "hush")
    credentials = Credentials({}, lambda registry, file: login if registry == "ghcr.io" else None)
    return DockerSite(daemon, credentials, lambda name, line: told.append((name, line)))


def sent_login(daemon, call):
    return json.loads(base64.urlsafe_b64decode(daemon.details[call]["headers"]["X-Registry-Auth"]))


def test_pulls_with_the_registrys_login_and_says_so(daemon, logged_in, told):
    daemon.answers[PULL] = [{"status": "Pulling"}]

    pull(logged_in, "base", "ghcr.io/me/app:1", "linux/arm64")

    assert daemon.details[PULL]["query"] == {
        "fromImage": "ghcr.io/me/app", "tag": "1", "platform": "linux/arm64",
    }  # fmt: skip
    assert sent_login(daemon, PULL)["password"] == "hush"
    assert told == [("base", "pulling ghcr.io/me/app:1")]


def test_pulls_from_elsewhere_without_a_login(daemon, logged_in):
    daemon.answers[PULL] = []

    pull(logged_in, "base", "nginx")

    assert sent_login(daemon, PULL) == {}
    assert daemon.details[PULL]["query"]["fromImage"] == "docker.io/library/nginx"


def test_pushes_and_gives_the_registrys_digest(daemon, logged_in):
    daemon.answers[PUSH] = [{"status": "Pushed"}, {"aux": {"Digest": DIGEST}}]

    assert push(logged_in, "app", "ghcr.io/me/app:1") == DIGEST
    assert daemon.details[PUSH]["query"] == {"tag": "1"}


@pytest.mark.parametrize(
    "answer", [DaemonRefusedError(500, "denied"), [{"errorDetail": {}, "error": "denied"}]]
)
def test_a_refusal_is_reported_early_or_late(daemon, logged_in, answer):
    daemon.answers[PUSH] = answer

    with pytest.raises(ProviderError, match=r"image ghcr.io/me/app:1 cannot be pushed: denied"):
        push(logged_in, "app", "ghcr.io/me/app:1")


def test_a_full_disk_is_said_plainly(daemon, site):
    daemon.answers[PULL] = [{"error": "write /layer: no space left on device"}]

    with pytest.raises(ProviderError, match="no disk space left for the Docker daemon"):
        pull(site, "base", "nginx")


def test_an_image_by_id_is_never_pulled(daemon, site):
    with pytest.raises(ProviderError, match="there is no image sha256:1"):
        local_or_pulled(site, "web", ID)

    assert daemon.changes() == []


def test_finds_the_digest_of_the_repository_that_was_named():
    """An image may be known in several registries."""
    image = {"RepoDigests": [f"other/app@{DIGEST}", f"me/app@{ID}"]}

    assert repo_digest("me/app:1", image) == f"me/app@{ID}"
    assert repo_digest("local:1", image) == f"other/app@{DIGEST}"
    assert repo_digest("local:1", {"RepoDigests": []}) == ""


def test_a_remote_image_that_is_there_is_taken(daemon, site, recorded):
    """The outputs are the recorded ones."""
    resource = recorded["img"]
    name = resource["inputs"]["name"]
    daemon.answers[f"GET /images/{name}/json"] = resource["inspect"]

    instance = RemoteImageResource().create(site, "img", resource["inputs"], None)

    assert instance.id == resource["id"]
    assert instance.outputs == resource["outputs"]
    assert daemon.changes() == []
    read = RemoteImageResource().read(site, instance.id, {}, {})
    assert read.inputs["name"] == name
    settings = {"name": name, "keepLocally": False}
    assert (
        RemoteImageResource().update(site, "", instance.outputs, settings)["keepLocally"] is False
    )


def test_a_remote_image_that_is_gone_is_read_as_none(daemon, site):
    assert RemoteImageResource().read(site, "x", {"name": "demo:1"}, {}) is None


@pytest.mark.parametrize(
    ("outputs", "calls"),
    [
        ({"keepLocally": True}, []),
        ({}, ["DELETE /images/demo:1"]),
        ({"forceRemove": True}, ["DELETE /images/demo:1"]),
    ],
)
def test_removes_a_remote_image_unless_it_is_to_be_kept(daemon, site, outputs, calls):
    RemoteImageResource().delete(site, "x", {"name": "demo:1", **outputs})

    assert daemon.changes() == calls
    if outputs.get("forceRemove"):
        assert daemon.details[calls[0]]["query"] == {"force": "true"}


def test_an_image_in_use_is_reported(daemon, site):
    daemon.answers["DELETE /images/demo:1"] = DaemonRefusedError(409, "used by container abc")

    with pytest.raises(ProviderError, match="image demo:1: used by container abc"):
        RemoteImageResource().delete(site, "x", {"name": "demo:1"})


def test_tags_as_recorded(daemon, site, recorded):
    resource = recorded["tag"]
    source = resource["inputs"]["sourceImage"]
    daemon.answers[f"POST /images/{source}/tag"] = None
    daemon.answers[f"GET /images/{source}/json"] = resource["inspect"]

    instance = TagResource().create(site, "tag", resource["inputs"], None)

    assert (instance.id, instance.outputs) == (resource["id"], resource["outputs"])
    query = daemon.details[f"POST /images/{source}/tag"]["query"]
    assert query == {"repo": "demo/tagged", "tag": "1"}
    TagResource().delete(site, instance.id, instance.outputs)
    assert daemon.changes() == [f"POST /images/{source}/tag"]


def test_tagging_what_is_not_there_is_reported(daemon, site):
    with pytest.raises(ProviderError, match="tag b:1"):
        TagResource().create(site, "tag", {"sourceImage": "a", "targetImage": "b:1"}, None)
