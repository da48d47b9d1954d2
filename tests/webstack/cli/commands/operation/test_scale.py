"""Numbers of containers are settings, which come back where the stack cannot be brought to them."""

from __future__ import annotations

import pytest

from webstack.cli.commands.operation import scale
from webstack.cli.commands.operation.scale import Setting, settings
from webstack.cli.terminal.errors import OpsError

SERVICES = {"shop": {"replicas": 2, "roles": {"worker": {"command": ["x"]}}}}
SETTINGS = """config:
  webstack:services:
    shop: {source: shop, path: /, replicas: 2, roles: {worker: {command: [x]}}}
"""


def test_a_service_and_a_role_have_their_settings():
    assert list(settings(SERVICES, ["shop=3", "shop-worker=4"], "dev")) == [
        Setting("webstack:services.shop.replicas", 2, 3),
        Setting("webstack:services.shop.roles.worker.replicas", None, 4),
    ]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("shop", "'shop' is no SERVICE=N"),
        ("shop=x", "is no SERVICE=N"),
        ("shop=-1", "is no SERVICE=N"),
        ("blog=2", "dev has no service or role blog"),
        ("shop-beat=2", "dev has no service or role shop-beat"),
    ],
)
def test_what_is_not_there_is_told(word: str, says: str):
    with pytest.raises(OpsError, match=says):
        list(settings(SERVICES, [word], "dev"))


@pytest.mark.parametrize(("code", "kept"), [(0, "3"), (8, "2")])
def test_the_setting_comes_back_where_the_update_does_not_happen(
    run, session, project, monkeypatch, code, kept
):
    (project / "Pulumi.dev.yaml").write_text(SETTINGS)
    monkeypatch.setattr(scale, "update", lambda _: code)
    assert run("scale", "shop=3", "--yes") == code
    assert session.records.settings["webstack:services.shop.replicas"] == kept
