from __future__ import annotations

import pytest

from webstack.engine.model.provider import UNKNOWN
from webstack.engine.providers.docker.container.schema import CONTAINER
from webstack.engine.providers.docker.network.network import NETWORK
from webstack.engine.providers.docker.resource.diffing import find_changes
from webstack.engine.providers.docker.schema.schema import list_of, number, record, set_of, text

SCHEMA = {
    "name": text(replaces=True),
    "hostname": text(computed=True, replaces=True),
    "limit": number(),
    "derived": number(implied=True),
    "command": list_of(text(), computed=True, made=True, replaces=True),
    "envs": set_of(text(), computed=True),
    "ports": set_of(record({"internal": number(), "external": number(computed=True)})),
    "health": record({"interval": text(normal=lambda value: value.lower())}, computed=True),
}
OLD = {
    "name": "web",
    "hostname": "abc",
    "limit": 0,
    "derived": 8,
    "command": ["sleep", "9"],
    "envs": ["A=1", "B=2"],
    "ports": [{"internal": 80, "external": 32000}, {"internal": 81, "external": 32001}],
    "health": {"interval": "1S"},
}
NEW = {"name": "web"}


def paths(new, old=OLD, old_inputs=None):
    changes = find_changes(SCHEMA, old_inputs or {}, old, {**NEW, "ports": OLD["ports"], **new})
    return [(change.path, change.kind, change.replaces) for change in changes]


def test_what_was_left_out_is_no_change_where_docker_chooses():
    assert paths({}) == []


@pytest.mark.parametrize(
    "new",
    [
        {"hostname": ""},
        {"limit": 0},
        {"envs": ["B=2", "A=1"]},
        {"ports": [{"internal": 81}, {"internal": 80}]},
        {"health": {"interval": "1s"}},
        {"command": ["sleep", "9"]},
    ],
)
def test_what_means_the_same_is_no_change(new):
    assert paths(new) == []


@pytest.mark.parametrize(
    ("new", "change"),
    [
        ({"name": "other"}, ("name", "update", True)),
        ({"name": UNKNOWN}, ("name", "update", True)),
        ({"limit": 5}, ("limit", "update", False)),
        ({"envs": ["A=1"]}, ("envs[1]", "delete", False)),
        ({"envs": []}, ("envs", "delete", False)),
        ({"envs": [f"A={UNKNOWN}", "B=2"]}, ("envs[0]", "update", False)),
        ({"envs": ["B=2", "C=3", "A=1"]}, ("envs[1]", "add", False)),
        ({"command": ["sleep", "8"]}, ("command[1]", "update", True)),
        ({"command": ["sleep"]}, ("command[1]", "delete", True)),
        ({"command": UNKNOWN}, ("command", "update", True)),
        ({"command": ["exec", "sleep", "9"]}, ("command[0]", "add", True)),
        ({"command": []}, ("command", "delete", True)),
        ({"ports": [{"internal": 80}]}, ("ports[1]", "delete", False)),
        (
            {"ports": [{"internal": 80, "external": 9}, {"internal": 81}]},
            ("ports[0].external", "update", False),
        ),
        ({"health": {"interval": "2s"}}, ("health.interval", "update", False)),
        ({"health": {"interval": UNKNOWN}}, ("health.interval", "update", False)),
    ],
)
def test_finds_a_change(new, change):
    assert paths(new) == [change]


def test_a_derived_value_counts_only_once_the_program_has_set_it():
    assert paths({}, old_inputs={"derived": 8}) == [("derived", "delete", False)]
    assert paths({"derived": 9}) == [("derived", "update", False)]


def test_a_creation_that_never_finished_is_replaced():
    """The state lacks outputs that every finished creation has."""
    assert paths({}, {**OLD, "command": None}) == [("command", "add", True)]


def test_capabilities_are_equal_with_and_without_prefix():
    """Docker answers with the prefix, whatever it was asked for."""
    wanted = {"capabilities": {"drops": ["ALL"], "adds": ["NET_ADMIN"]}}
    actual = {"capabilities": {"drops": ["ALL"], "adds": ["CAP_NET_ADMIN"]}}
    schema = {"capabilities": CONTAINER["capabilities"]}

    assert find_changes(schema, wanted, actual, wanted) == ()


def test_an_uncomparable_shape_is_a_change_and_no_error():
    """A state that another version wrote may hold other shapes."""
    assert paths({"ports": [{"internal": 80}]}, {**OLD, "ports": "80"}) == [
        ("ports", "update", False)
    ]


def changes(key, old, new):
    schema = {key: CONTAINER[key]}
    found = find_changes(schema, {}, {key: old}, {key: new})
    return [(change.path, change.replaces) for change in found]


PORTS = [
    {"internal": 80, "external": 8080, "ip": "0.0.0.0", "protocol": "tcp"},
    {"internal": 81, "external": 8081, "ip": "0.0.0.0", "protocol": "tcp"},
]


def test_ports_may_change_places_only_where_the_program_chose_them():
    """To the provider, what Docker chose belongs to the place in the list."""
    assert changes("ports", PORTS, PORTS[::-1]) == []
    open_ports = [{**port, "external": None} for port in PORTS]
    assert changes("ports", PORTS, open_ports) == []
    assert changes("ports", PORTS, open_ports[::-1]) == [
        ("ports[0].internal", True),
        ("ports[1].internal", True),
    ]
    assert changes("ports", PORTS, [PORTS[1]]) == [
        ("ports[0].external", True),
        ("ports[0].internal", True),
        ("ports[1]", True),
    ]


def test_mounts_replace_by_their_number_and_by_their_options_in_memory():
    """The provider only records other changes to them; so does the engine, and says so."""
    bind, other = ({"type": "bind", "source": path, "target": "/m"} for path in ("/a", "/b"))
    memory = {"type": "tmpfs", "target": "/m", "tmpfsOptions": {"sizeBytes": 1}}
    assert changes("mounts", [bind], [other]) == [("mounts[0].source", False)]
    assert changes("mounts", [bind], [bind, other]) == [("mounts[1]", True)]
    assert changes("mounts", [bind], []) == [("mounts", True)]
    assert ("mounts[0].tmpfsOptions", True) in changes("mounts", [bind], [memory])


def test_what_has_a_default_changes_to_it_where_it_is_left_out():
    change = find_changes({"wait": CONTAINER["wait"]}, {"wait": True}, {"wait": True}, {})
    assert [(item.path, item.kind) for item in change] == [("wait", "update")]


def test_a_default_that_an_import_did_not_record_is_no_change():
    driver = {"ipamDriver": NETWORK["ipamDriver"]}
    assert find_changes(driver, {}, {"ipamDriver": "default"}, {}) == ()
    assert [item.path for item in find_changes(driver, {}, {"ipamDriver": "own"}, {})] == [
        "ipamDriver"
    ]
