"""A real daemon pushes to and pulls from a registry of our own."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.webstack.engine.providers.docker.stub_registry import StubRegistry
from tests.webstack.engine.providers.docker.test_on_docker import (
    IMAGE,
    REMOTE_IMAGE,
    api,  # noqa: F401 - a fixture
    base,  # noqa: F401 - a fixture
)
from webstack.engine.model.provider import ProviderError
from webstack.engine.model.values import plain
from webstack.engine.providers.docker import DockerProvider

pytestmark = pytest.mark.docker

REGISTRY_IMAGE = "docker:index/registryImage:RegistryImage"
PASSWORD = "hush-hush"


@pytest.fixture(params=["basic", "token"])
def registry(request):
    registry = StubRegistry(("me", PASSWORD), by_token=request.param == "token")
    yield registry
    registry.close()


@pytest.fixture
def image(api, base, registry):  # noqa: F811 - the fixtures
    """Give the local base image a name in the registry."""
    repository = f"{registry.name}/wsprov-{uuid.uuid4().hex[:8]}"
    api.call("POST", f"/images/{base}/tag", query={"repo": repository, "tag": "1"})
    yield f"{repository}:1"
    api.call("DELETE", f"/images/{repository}:1", query={"force": "true"})


@pytest.fixture
def provider(registry):
    auth = [{"address": f"http://{registry.name}", "username": "me", "password": PASSWORD}]
    provider = DockerProvider({"registryAuth": json.dumps(auth)})
    yield provider
    provider.close()


def make(provider, type_, **program):
    inputs = plain(provider.check(type_, "x", None, program))
    return inputs, provider.create(type_, "x", inputs, None)


def test_pushes_reads_and_deletes(provider, registry, image):
    """The registry's own digest is the id."""
    inputs, instance = make(provider, REGISTRY_IMAGE, name=image)

    repository = image.partition("/")[2].partition(":")[0]
    assert f"{repository}/{instance.id}" in registry.manifests
    assert provider.diff(REGISTRY_IMAGE, "", inputs, instance.outputs, inputs).changes == ()
    read = provider.read(REGISTRY_IMAGE, instance.id, inputs, instance.outputs)
    assert (read.outputs, read.inputs) == (instance.outputs, inputs)
    provider.delete(REGISTRY_IMAGE, instance.id, inputs, instance.outputs)
    assert f"{repository}/{instance.id}" not in registry.manifests


def test_a_resource_may_bring_its_own_login(registry, image):
    """The password is kept as a secret, whatever the program says."""
    login = {"address": registry.name, "username": "me", "password": PASSWORD}
    provider = DockerProvider({})
    checked = provider.check(REGISTRY_IMAGE, "x", None, {"name": image, "authConfig": login})

    assert PASSWORD not in repr(checked)
    instance = provider.create(REGISTRY_IMAGE, "x", plain(checked), None)
    assert instance.outputs["sha256Digest"].startswith("sha256:")
    provider.close()


def test_pulls_with_the_login(provider, registry, image, api):  # noqa: F811 - the fixture
    make(provider, REGISTRY_IMAGE, name=image)
    api.call("DELETE", f"/images/{image}", query={"force": "true"})

    _, instance = make(provider, REMOTE_IMAGE, name=image)

    assert instance.outputs["repoDigest"].startswith(image.rpartition(":")[0] + "@sha256:")


def test_a_wrong_password_is_named_and_not_shown(registry, image):
    auth = [{"address": f"http://{registry.name}", "username": "me", "password": "wrong-pass"}]
    provider = DockerProvider({"registryAuth": auth})

    with pytest.raises(ProviderError, match="cannot be pushed") as failure:
        make(provider, REGISTRY_IMAGE, name=image)

    assert "wrong-pass" not in str(failure.value)
    provider.close()


def test_builds_and_pushes(provider, registry, base, tmp_path, monkeypatch, api):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\nLABEL a=b\n")
    name = f"{registry.name}/wsprov-built:1"

    _, instance = make(provider, IMAGE, imageName=name)

    assert instance.outputs["repoDigest"].startswith(f"{registry.name}/wsprov-built@sha256:")
    api.call("DELETE", f"/images/{name}", query={"force": "true"})


def test_looks_an_image_up_in_its_registry(provider, registry):
    digest = registry.put("wsprov-there", "1")
    token = "docker:index/getRegistryImage:getRegistryImage"
    name = f"{registry.name}/wsprov-there:1"

    found = provider.invoke(token, {"name": name})

    assert (found["id"], found["sha256Digest"], found["name"]) == (digest, digest, name)
    with pytest.raises(ProviderError, match="has no image"):
        provider.invoke(token, {"name": f"{registry.name}/wsprov-there:2"})
