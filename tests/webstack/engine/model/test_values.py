"""Property values, names and paths keep their meaning on the wire, inside and for providers."""

from __future__ import annotations

import json

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as some

from webstack.engine.model import property_path, urn
from webstack.engine.model.errors import PlanError, UnsupportedError
from webstack.engine.model.provider import UNKNOWN
from webstack.engine.model.targets import Targets
from webstack.engine.model.values import (
    OUTPUT,
    REFERENCE,
    SECRET,
    SIGNATURE,
    Secret,
    for_provider,
    from_sdk,
    holds_secret,
    holds_unknown,
    plain,
    seal_like,
    shown,
    to_sdk,
)
from webstack.engine.sdk import codec

JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53), 2**53) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)


@given(some.dictionaries(some.text(), JSON))
def test_values_survive_the_wire(values):
    struct = Struct()
    codec.fill(struct, values)
    assert codec.properties(struct) == values


def test_a_secret_survives_the_wire_and_hides_itself():
    struct = Struct()
    codec.fill(struct, {"a": [Secret({"b": 1})]})
    found = codec.properties(struct)
    assert found == {"a": [Secret({"b": 1})]}
    assert repr(found) == "{'a': [[secret]]}"


def test_output_values_are_unwrapped():
    known = {SIGNATURE: OUTPUT, "value": 1.0, "secret": True, "dependencies": []}
    assert from_sdk(known) == Secret(1)
    assert from_sdk({SIGNATURE: OUTPUT}) == UNKNOWN


def test_nested_secrets_become_one():
    inner = {SIGNATURE: SECRET, "value": "x"}
    assert from_sdk({SIGNATURE: SECRET, "value": [inner]}) == Secret(["x"])


@pytest.mark.parametrize(
    "signature", ["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7", "other"]
)
def test_assets_archives_and_the_unheard_of_are_refused(signature):
    with pytest.raises(UnsupportedError):
        from_sdk({SIGNATURE: signature, "path": "x"})


def test_references_reach_providers_as_ids():
    reference = {SIGNATURE: REFERENCE, "urn": "urn:a", "id": "i", "packageVersion": ""}
    assert to_sdk(from_sdk(reference)) == reference
    assert for_provider({"a": [reference]}) == {"a": ["i"]}
    assert for_provider({SIGNATURE: REFERENCE, "urn": "urn:a"}) == "urn:a"


@given(JSON)
def test_unwrapping_undoes_wrapping_at_any_depth(value):
    assert plain({"a": [Secret(value)]}) == {"a": [value]}
    assert shown({"a": Secret(value)}) == {"a": "[secret]"}
    assert holds_secret({"a": [Secret(value)]})
    assert not holds_secret(value)


def test_unknowns_are_seen_through_secrets():
    assert holds_unknown({"a": [Secret(UNKNOWN)]})
    assert not holds_unknown({"a": [Secret("known")]})


@pytest.mark.parametrize(
    ("values", "model", "sealed"),
    [
        ({"a": 1}, {"a": Secret(1)}, {"a": Secret(1)}),
        ({"a": [1, 2]}, {"a": [1, Secret(2)]}, {"a": Secret([1, 2])}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": Secret(1)}}, {"a": {"b": Secret(1), "c": 2}}),
        ({"a": {"b": 1}}, {"a": Secret({"b": 1})}, {"a": Secret({"b": 1})}),
        ({"a": 1}, {"b": Secret(1)}, {"a": 1}),
        ({"a": [{"b": 1}]}, {"a": [{"b": Secret(1)}]}, {"a": Secret([{"b": 1}])}),
    ],
)
def test_what_is_secret_in_the_inputs_is_secret_in_the_outputs(values, model, sealed):
    assert seal_like(values, model) == sealed


# ---- names


def test_a_urn_is_made_of_parents_type_and_name():
    stack = urn.stack_urn("dev", "shop")
    part = urn.create("dev", "shop", stack, "shop:app:Part", "p")
    thing = urn.create("dev", "shop", part, "a:b/c:D", "x::y")
    assert thing == "urn:pulumi:dev::shop::shop:app:Part$a:b/c:D::x::y"
    assert (urn.type_of(thing), urn.name_of(thing)) == ("a:b/c:D", "x::y")
    assert str(urn.parse(thing)) == thing


@pytest.mark.parametrize("text", ["", "urn:pulumi:a::b", "dev::shop::t::n"])
def test_what_is_no_urn_is_refused(text):
    with pytest.raises(ValueError, match="not a URN"):
        urn.parse(text)


@pytest.mark.parametrize(
    ("type_", "package"),
    [("docker:index/volume:Volume", "docker"), ("pulumi:providers:docker", "docker"), ("a", "a")],
)
def test_a_type_belongs_to_a_package(type_, package):
    assert urn.package_of(type_) == package


# ---- paths


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('a["b.c"]', ("a", "b.c")),
        ('["a \\"b\\""].c', ('a "b"', "c")),
        ("a[*].b", ("a", "*", "b")),
        ("*", ("*",)),
        ("foo-bar", ("foo-bar",)),
    ],
)
def test_paths_are_read(text, path):
    assert property_path.parse(text) == path


@pytest.mark.parametrize("text", [".a", "a[", "a]", 'a["b', "a[x]"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match="not a property path"):
        property_path.parse(text)


@pytest.mark.parametrize(
    ("path", "other", "inside"),
    [
        ("a", "a.b", True),
        ("a.b", "a", False),
        ("a.*.c", "a.b.c.d", True),
        ("*", "anything[3]", True),
        ("a[0]", "a[1]", False),
    ],
)
def test_a_path_contains_what_lies_below_it(path, other, inside):
    assert property_path.contains(property_path.parse(path), property_path.parse(other)) is inside


@pytest.mark.parametrize(
    ("path", "new", "old", "result"),
    [
        ("a", {"a": 2}, {"a": 1}, {"a": 1}),
        ("a", {}, {"a": 1}, {"a": 1}),
        ("a", {"a": 2}, {}, {}),
        ("a.b", {"a": {"b": 2, "c": 2}}, {"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
        ("a.b", {"a": {"b": 2}}, {}, {"a": {"b": 2}}),
        ("a[1]", {"a": [2, 2]}, {"a": [1, 1]}, {"a": [2, 1]}),
        ("a[5]", {"a": [2]}, {"a": [1]}, {"a": [2]}),
        ("a[*].b", {"a": [{"b": 2}, {"b": 2}]}, {"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}),
        ("a", {"a": Secret(2)}, {"a": Secret(1)}, {"a": Secret(1)}),
        ("a.b", {"a": Secret({"b": 2})}, {"a": {"b": 1}}, {"a": Secret({"b": 1})}),
    ],
)
def test_values_are_put_back(path, new, old, result):
    assert property_path.reset(new, old, property_path.parse(path)) == result


# ---- durations and targets


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h5m", 3900), ("1.5s", 1.5), ("300ms", 0.3)]
)
def test_durations_are_read(text, seconds):
    assert codec.seconds(text) == pytest.approx(seconds)
    assert json.dumps(codec.seconds("5m")) == "300"


@pytest.mark.parametrize("text", ["", "5", "soon", "5 m", "-5m"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(PlanError, match="duration"):
        codec.seconds(text)


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("urn:pulumi:dev::shop::a:b:C::x", True),
        ("**::x", True),
        ("urn:pulumi:dev::shop::*:b:C::*", True),
        ("urn:pulumi:dev::*::x", False),
        ("**::y", False),
    ],
)
def test_targets_may_be_patterns(pattern, hit):
    assert Targets((pattern,)).includes("urn:pulumi:dev::shop::a:b:C::x") is hit
