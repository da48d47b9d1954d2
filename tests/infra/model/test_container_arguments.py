"""The name of a container stands for everything that it is declared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from infra.model.container_arguments import arguments, content
from infra.model.specs import Container, Health, Mount, Published
from infra.settings.types import Secret
from infra.testing import Declare
from tests.infra.releases import made

ONE = Container(
    name="one",
    image="image:one",
    user="1:1",
    cpus=1,
    memory=1,
    pids=1,
    grace=1,
    command=("one",),
    environment={"ONE": "one"},
    secrets={"KEY": Secret(serial=1)},
    mounts=(Mount("/one", volume="one"), Mount("/folder/one", folder="/one", read_only=False)),
    tmpfs={"/one": "size=1m"},
    networks=(),
    published=(Published("127.0.0.1", 1, 1),),
    health=Health(("CMD", "one"), interval=1, timeout=1, retries=1, start_period=1),
    labels={"one": "one"},
    read_only=True,
    dropped_capabilities=("ALL",),
    security_options=("one",),
    log_driver="one",
    log_options={"max-size": "1m"},
    restart="no",
    groups=("1",),
)
OTHER = Container(
    name="other",
    image="image:other",
    user="2:2",
    cpus=2,
    memory=2,
    pids=2,
    grace=2,
    command=("other",),
    environment={"OTHER": "other"},
    secrets={"KEY": Secret(serial=2)},
    mounts=(
        Mount("/other", volume="other", read_only=True),
        Mount("/folder/other", folder="/other", read_only=True),
    ),
    tmpfs={"/one": "size=2m"},
    networks=("other",),
    published=(Published("127.0.0.2", 2, 2),),
    health=Health(("CMD-SHELL", "other"), interval=2, timeout=2, retries=2, start_period=2),
    labels={"other": "other"},
    read_only=False,
    dropped_capabilities=("NET_RAW",),
    security_options=("other",),
    log_driver="other",
    log_options={"max-size": "2m"},
    restart="always",
    groups=("2",),
    aliases=("two",),
    started_by_release=True,
)
KINDS = {"mounts.0.type"}
"""Values that only say of which kind the value beside them is."""


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give each plain value with its place."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from leaves(item, f"{path}.{key}".lstrip("."))
    else:
        yield path, value


@pytest.mark.parametrize("name", [field.name for field in fields(Container)])
def test_each_value_of_a_container_is_in_its_content(name: str):
    assert getattr(ONE, name) != getattr(OTHER, name)
    assert content(replace(ONE, **{name: getattr(OTHER, name)})) != content(ONE)


@pytest.mark.parametrize("name", [field.name for field in fields(Health)])
def test_each_value_of_a_health_check_is_in_its_content(name: str):
    assert ONE.health is not None
    changed = replace(ONE.health, **{name: getattr(OTHER.health, name)})
    assert content(replace(ONE, health=changed)) != content(ONE)


def test_nothing_is_declared_that_is_no_value_of_the_container():
    one, other = dict(leaves(arguments(ONE))), dict(leaves(arguments(OTHER)))
    assert {path for path in one if path in other and one[path] == other[path]} == KINDS


def test_a_secret_s_value_is_no_part_of_it():
    assert "KEY" not in str(arguments(ONE))


def test_the_provider_is_given_these_arguments_and_no_others(declare: Declare):
    known = {camel(name) for name in (*arguments(ONE), *arguments(OTHER))}
    declared = declare().of_type("Container")
    assert {role for each in declared if (role := each.labels["webstack.role"])} == {
        "service",
        "proxy",
        "holder",
    }
    for each in declared:
        assert set(each.properties) <= known, each.name


def test_the_holder_says_its_content_where_its_name_cannot():
    """Two holders cannot have one port, so each change of the holder is a restart."""
    holder = made().proxy.holder
    labels = dict(holder.labels)
    said = labels.pop("webstack.content")
    assert said == content(replace(holder, labels=labels))
    assert holder.name == "webstack-dev-proxy-holder-8080"


@pytest.mark.parametrize("service", [{}, {"port": 9000}])
def test_replicas_have_one_identity_however_many_there_are(service: dict[str, Any]):
    one = made(shop={"path": "/", **service}).releases[0]
    three = made(shop={"path": "/", "replicas": 3, **service}).releases[0]
    assert one.id == three.id
    assert one.replicas[0] == three.replicas[0]


def test_what_every_container_has_in_common_rolls_a_relay_s_service_too(
    monkeypatch: pytest.MonkeyPatch,
):
    before = made(shop={"path": "/", "port": 9000}).releases[0]
    monkeypatch.setattr("infra.model.services._RELAY_MEMORY", 65)
    assert made(shop={"path": "/", "port": 9000}).releases[0].id != before.id


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
