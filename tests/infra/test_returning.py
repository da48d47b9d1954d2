"""A release that comes back is declared from its record, whatever the settings say now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pulumi
import pytest

from infra.model import records
from infra.program_input import Kept, ReturningRelease
from infra.settings.types import Secret
from proxy import paths
from tests.infra.releases import made, record
from webstack.contract.variables import RETURNING

SECRETS = {"KEY": Secret(), "TOKEN": Secret(setting="token")}
SHOP = {"path": "/shop", "replicas": 2, "data": "/data", "secret_environment": SECRETS}
BLUEPRINT = made(shop=SHOP)
RECORD = record(4, BLUEPRINT, secrets={"shop": {"KEY": "made then", "TOKEN": "given then"}})


@pytest.fixture
def returning(
    declare: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Declare a rollback."""

    def run(text: str = "", in_force: str = "", **kept: Kept) -> Any:
        handover = ReturningRelease(text or records.packed(RECORD), kept, in_force)
        file = tmp_path / "handover"
        file.write_bytes(msgspec.json.encode(handover))
        monkeypatch.setenv(RETURNING, str(file))
        return declare(services="nonsense")

    return run


def test_containers_are_those_of_the_record(returning: Callable[..., Any]):
    containers = returning().of_type("Container")
    wanted = {replica.resource for replica in BLUEPRINT.releases[0].replicas}
    assert set(containers.names) == wanted | {
        BLUEPRINT.proxy.nginx_resource,
        BLUEPRINT.proxy.holder_resource,
    }
    for name in wanted:
        assert containers.named(name).get("image") == BLUEPRINT.images["shop"]
        assert "TOKEN=given then" in containers.named(name).get("envs")


def test_an_early_nginx_starts_on_the_configuration_in_force(returning: Callable[..., Any]):
    """The configuration in force names folders that an early version had not."""
    nginx = BLUEPRINT.proxy.nginx
    later = (paths.SPOOL_DIRECTORY, paths.LOG_DIRECTORY)
    mounts = tuple(each for each in nginx.mounts if each.target not in later)
    early = replace(BLUEPRINT.proxy, nginx=replace(nginx, mounts=mounts))
    text = records.packed(
        msgspec.structs.replace(RECORD, blueprint=replace(BLUEPRINT, proxy=early))
    )
    declared = returning(text).of_type("Container").named(BLUEPRINT.proxy.nginx_resource)
    assert all("uid=10100" in declared.get("tmpfs")[folder] for folder in later)
    now = returning().of_type("Container")
    assert not {*later} & {*now.named(BLUEPRINT.proxy.nginx_resource).get("tmpfs")}


def test_images_are_named_and_not_built(returning: Callable[..., Any]):
    declared = returning()
    images = declared.of_type("ServiceImage")
    assert {each.name: each.get("reference") for each in images} == BLUEPRINT.images
    assert not declared.of_type("Image")
    assert [each.get("made") for each in declared.of_type("BaseImage")] == [False] * 5


def test_the_release_says_what_it_is_a_rollback_of(returning: Callable[..., Any]):
    release = returning().named("release")
    assert release.get("rollback_of") == 4
    assert release.get("first") == 4
    assert release.get("configuration") == BLUEPRINT.plan.configuration
    assert release.get("content") == BLUEPRINT.content


def test_a_made_secret_has_the_value_of_its_time(returning: Callable[..., Any]):
    (secret,) = returning().of_type("GeneratedSecret")
    assert (secret.name, secret.get("restored")) == ("shop-key", "made then")


def test_data_and_secrets_that_came_later_are_kept(returning: Callable[..., Any]):
    """Otherwise Pulumi would refuse to delete the volume, and would forget the secrets."""
    declared = returning(
        shop=Kept(data=True, secrets={"shop-key": 2, "shop-later": 3}),
        later=Kept(data=True, secrets={"later-key": 1}),
    )
    assert "later-data" in declared.of_type("Volume").names
    assert "later-sockets" not in declared.of_type("Volume").names
    serials = {each.name: each.get("serial") for each in declared.of_type("GeneratedSecret")}
    assert serials == {"shop-key": 1, "shop-later": 3, "later-key": 1}


def test_a_record_of_another_program_is_one_line(returning: Callable[..., Any]):
    with pytest.raises(pulumi.RunError, match="recorded by another version") as caught:
        returning(records.packed({"number": 4}))
    assert "\n" not in str(caught.value)


def test_a_mounted_source_is_in_no_record(declare: Callable[..., Any]):
    recorded = records.unpacked_spec(declare().named("release").get("record"))
    mounts = [mount for item in recorded.releases for mount in item.replicas[0].container.mounts]
    assert mounts
    assert not any(mount.folder for mount in mounts)


@pytest.mark.parametrize("content", ["", "v1.2.3", '{"kept": {}}', "\0", "{"])
def test_what_no_rollback_wrote_is_said_in_one_line(
    declare: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
):
    file = tmp_path / "handover"
    file.write_text(content)
    for path in (str(file), "v1.2.3"):
        monkeypatch.setenv(RETURNING, path)
        with pytest.raises(pulumi.RunError, match=r"did not write; unset it$"):
            declare()


@pytest.mark.parametrize("text", ["no base64", "AAAA"])
def test_a_record_that_is_none_is_said_in_one_line(returning: Callable[..., Any], text: str):
    with pytest.raises(pulumi.RunError, match="recorded by another version") as caught:
        returning(text)
    assert str(caught.value).isprintable()


def test_a_release_that_the_users_shell_names_means_nothing(
    declare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WEBSTACK_RELEASE", "v1.2.3")
    monkeypatch.setenv("WEBSTACK_PROMOTION", "staging")
    assert declare().of_service("shop")


def test_servers_stay_as_they_are_in_the_release_of_now(returning: Callable[..., Any]):
    """Data does not go back with a release, so the servers of the data do not either."""
    now = made(shop={**SHOP, "needs": ("postgres",)})
    declared = returning(in_force=records.packed(record(5, now)))
    assert "postgres" in declared.of_type("Container").names
    assert declared.named("postgres-data").protect
    assert declared.of_type("Image") == ()
    assert "postgres" not in returning(in_force="of another version").of_type("Container").names
