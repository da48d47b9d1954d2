"""The container that makes backups is the server's own, with the key and a schedule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.model.specs import Container
from infra.parts.assembly import parts_of
from infra.settings.data_servers import S3, Backups, Keep, Postgres
from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError
from infra.settings.types import FromSetting
from tests.infra.releases import STACK, made_of, services_of

SHOP = services_of({"shop": {"path": "/", "needs": ("postgres",)}})


def containers(backups: Backups | None) -> list[Container]:
    postgres = Postgres(memory=512, backups=backups)
    [server] = made_of(Settings(services=SHOP, postgres=postgres)).servers
    return server.containers


def test_it_is_there_only_where_backups_have_a_schedule():
    assert len(containers(None)) == 1
    assert len(containers(Backups())) == 2


def test_the_server_itself_is_the_same_with_it():
    assert containers(None)[0] == containers(Backups())[0]


def test_it_has_the_key_the_volumes_and_no_network():
    server, keeper = containers(Backups())
    assert [*keeper.secrets] == ["BACKUP_KEY"]
    assert server.secrets == {}
    assert server.mounts == keeper.mounts
    assert keeper.networks == ()
    assert (keeper.image, keeper.user, keeper.read_only) == (server.image, server.user, True)
    assert keeper.memory > server.memory


def test_it_runs_by_its_schedule_what_its_rule_says():
    _, keeper = containers(Backups(schedule="0 4 * * *", full=3, keep=Keep(daily=2)))
    assert keeper.command
    [job] = json.loads(keeper.command[3]).values()
    assert job["schedule"] == "0 4 * * *"
    assert json.loads(job["command"][2]) == {"full": 3, "daily": 2, "weekly": 4, "monthly": 6}
    assert json.loads(keeper.environment["BACKUP_RULE"]) == json.loads(job["command"][2])
    assert "shared_buffers=128MB" in job["command"]


def test_only_the_container_that_makes_them_is_sealed():
    stack = made_of(Settings(services=SHOP, postgres=Postgres(backups=Backups())))
    server, keeper = parts_of(STACK, stack, {}, {})[0].containers
    assert (keeper.resource, keeper.sealed, server.sealed) == ("postgres-cron", True, False)


def test_a_bucket_is_reached_by_the_server_too_and_its_keys_are_secrets():
    said = {name: FromSetting(setting=f"s3_{name}") for name in ("key", "secret")}
    bucket = S3(endpoint="s3.example.com:8333", bucket="shop", style="path", **said)
    server, keeper = containers(Backups(s3=bucket))
    assert server.networks == keeper.networks
    assert server.networks[0].startswith("webstack-dev-edge-")
    place = json.loads(keeper.environment["BACKUP_PLACE"])
    assert place["repo1-path"] == "/webstack/dev"
    assert (place["repo1-s3-endpoint"], place["repo1-storage-port"]) == ("s3.example.com", "8333")
    assert place["repo1-storage-verify-tls"] == "y"
    assert {name: secret.setting for name, secret in keeper.secrets.items()} == {
        "BACKUP_KEY": None,
        "BACKUP_S3_KEY": "s3_key",
        "BACKUP_S3_SECRET": "s3_secret",
    }
    postgres = Postgres(backups=Backups(s3=bucket))
    part = parts_of(STACK, made_of(Settings(services=SHOP, postgres=postgres)), {}, {})[0]
    assert [each.variable for each in part.secrets] == [*keeper.secrets]


@pytest.mark.parametrize(
    ("postgres", "told"),
    [
        ({"backups": {"schedule": "daily"}}, 'postgres.backups.schedule: "daily" is no schedule'),
        ({"backups": {"timezone": "Mars"}}, "postgres.backups.timezone: Mars is no time zone"),
        ({"backups": {}, "setting": "url"}, "postgres.backups: the server is elsewhere"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(postgres: dict[str, Any], told: str):
    shop = {"source": "shop", "path": "/", "needs": ["postgres"], "outbound": True}
    config = {
        "webstack:services": json.dumps({"shop": shop}),
        "webstack:postgres": json.dumps(postgres),
        **({"webstack:url": "postgresql://x/y"} if "setting" in postgres else {}),
    }
    with pytest.raises(SettingsError, match=told):
        read(config, {"webstack:url"})
