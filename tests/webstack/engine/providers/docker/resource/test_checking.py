from __future__ import annotations

import pytest

from webstack.engine.model.provider import UNKNOWN, ProviderError
from webstack.engine.providers.docker.container.container import ContainerResource
from webstack.engine.providers.docker.resource.checking import (
    add_generated_name,
    check_inputs,
    without_defaults,
)
from webstack.engine.providers.docker.schema.schema import (
    flag,
    mapping,
    number,
    record,
    set_of,
    text,
)

SCHEMA = {
    "name": text(),
    "size": number(),
    "on": flag(default=True),
    "quiet": flag(default=False),
    "options": mapping(),
    "ports": set_of(record({"internal": number(required=True), "ip": text(default="0.0.0.0")})),
    "seen": text(output=True),
}


def check(new, old=None):
    return check_inputs("thing", "web", SCHEMA, old, new)


def test_adds_defaults_and_notes_them_in_each_object():
    """Only defaults that say something are added."""
    assert check({"ports": [{"internal": 80}]}) == {
        "ports": [{"internal": 80, "ip": "0.0.0.0", "__defaults": ["ip"]}],
        "on": True,
        "__defaults": ["on"],
    }


def test_keeps_a_default_from_an_earlier_run():
    """A default that changes between versions then changes no existing resource."""
    old = {"on": False, "__defaults": ["on"]}

    assert check({}, old)["on"] is False
    assert check({}, {"on": False, "__defaults": []})["on"] is True


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"size": "64"}, {"size": 64}),
        ({"size": 64.0}, {"size": 64}),
        ({"name": 0.5}, {"name": "0.5"}),
        ({"name": True}, {"name": "true"}),
        ({"on": "false"}, {"on": False}),
        ({"options": {"a": 1}}, {"options": {"a": "1"}}),
        ({"name": None}, {}),
        ({"name": UNKNOWN}, {"name": UNKNOWN}),
        ({"ports": UNKNOWN}, {"ports": UNKNOWN}),
        ({"size": UNKNOWN}, {"size": UNKNOWN}),
    ],
)
def test_makes_types_right(given, expected):
    """Numbers given as text and the like are taken as what they mean; unknowns pass."""
    checked = without_defaults(check(given))

    assert {key: value for key, value in checked.items() if key in given} == expected


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"colour": "red"}, "property colour is not supported by the embedded engine"),
        ({"seen": "x"}, "property seen is not supported"),
        ({"nmae": "x"}, "nmae is not supported by the embedded engine; did you mean name?"),
        ({"ports": [{"internal": 80, "color": 1}]}, "property ports[0].color is not supported"),
        ({"size": "big"}, "size must be a whole number"),
        ({"size": 1.5}, "size must be a whole number"),
        ({"size": True}, "size must be a whole number"),
        ({"name": ["a"]}, "name must be text"),
        ({"on": 1}, "on must be true or false"),
        ({"options": "a=b"}, "options must be an object of text"),
        ({"ports": {"internal": 80}}, "ports must be a list"),
        ({"ports": [8080]}, "ports[0] must be an object"),
        ({"ports": [{}]}, "ports[0].internal is missing"),
    ],
)
def test_names_what_is_wrong(given, problem):
    with pytest.raises(ProviderError, match="docker thing") as error:
        check(given)

    assert problem in str(error.value)


def test_reports_all_problems_at_once():
    with pytest.raises(ProviderError) as error:
        check({"size": "big", "colour": "red"})

    assert "size must be" in str(error.value)
    assert "colour" in str(error.value)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"restart": "sometimes"}, "restart must be one of no, on-failure, always, unless-stopped"),
        ({"memory": -1}, "memory must be at least 0"),
        ({"cpuSet": "all"}, "cpuSet must be processor numbers"),
        ({"cpus": "many"}, "cpus must be a number of processors"),
        ({"healthcheck": {"interval": "soon"}}, "healthcheck.interval must be a duration"),
        ({"uploads": [{"file": "/a", "content": "x", "permissions": "644"}]}, "four octal digits"),
        ({"uploads": [{"file": "/a"}]}, "uploads[0] needs one of content"),
        ({"uploads": [{"file": "/a", "content": "x", "source": "y"}]}, "uploads[0] needs one of"),
        ({"volumes": [{"volumeName": "data"}]}, "volumes[0] needs either containerPath"),
        ({"volumes": [{"hostPath": "etc", "containerPath": "/e"}]}, "must be an absolute path"),
        ({"envs": ["=hush"]}, "envs[0] must begin with a name"),
        ({"gpus": "all", "deviceRequests": [{"count": 1}]}, "gpus and deviceRequests exclude"),
    ],
)
def test_refuses_a_container_that_docker_would_refuse(given, problem):
    """The refusal comes before anything is done."""
    with pytest.raises(ProviderError) as error:
        ContainerResource().check("web", None, {"image": "demo", **given})

    assert problem in str(error.value)


def test_no_message_repeats_a_value():
    """A value may be a secret."""
    given = {"restart": "hush-1", "memory": "hush-2", "uploads": [
        {"file": "/a", "contentBase64": "hush-3!"}]}  # fmt: skip

    with pytest.raises(ProviderError) as error:
        ContainerResource().check("web", None, {"image": "demo", **given})

    assert "hush" not in str(error.value)


def test_generates_a_name_once():
    """The name is the resource's with seven hex digits, and stays from run to run."""
    first = add_generated_name("web", None, {"__defaults": []})
    second = add_generated_name("web", first, {"__defaults": []})

    assert first["name"].startswith("web-")
    assert len(first["name"]) == len("web-") + 7
    assert first["__defaults"] == ["name"]
    assert second["name"] == first["name"]


def test_a_given_name_is_taken():
    assert add_generated_name("web", None, {"name": "mine", "__defaults": []})["name"] == "mine"
