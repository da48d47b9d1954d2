"""A volume is ours by the identity on it, or because the state says so; no two stacks share one."""

from __future__ import annotations

import itertools

import pytest

from infra.model.specs import Stack
from webstack.contract.ownership import ADOPTED, OWNER, Ours, owned_labels, refusal

STACK = {"webstack.project": "webstack", "webstack.stack": "dev"}
MARKED = {**STACK, OWNER: "a1"}


def ours(identity: str | None = "a1", taken: dict[str, str] | None = None, *known: str) -> Ours:
    return Ours(STACK, identity, taken or {}, frozenset(known))


@pytest.mark.parametrize(
    ("state", "labels", "owned"),
    [
        (ours(), MARKED, True),
        (ours("b2"), MARKED, False),
        (ours(None), MARKED, False),
        (ours(), STACK, False),
        (ours("a1", {}, "v"), STACK, True),
        (ours(None, {}, "v"), {**STACK, "webstack.stack": "dev-x"}, False),
        (ours("b2", {}, "v"), MARKED, False),
        (ours("b2", {"v": "a1"}), MARKED, True),
        (ours("a1", {"v": ""}), STACK, True),
        (ours("a1", {"v": ""}), {**STACK, OWNER: "b2"}, False),
        (ours("a1", {"v": ""}), {}, True),
        (ours(), {}, False),
        (ours("a1", {"v": "b2"}, "v"), {**MARKED, OWNER: "b2", ADOPTED: "v"}, False),
        (ours("b2"), {**MARKED, OWNER: "b2", ADOPTED: "v"}, True),
    ],
)
def test_a_volume_is_owned_by_its_label_or_as_it_was_taken(
    state: Ours, labels: dict[str, str], owned: bool
):
    assert state.owns("v", labels) is owned


@pytest.mark.parametrize(
    ("labels", "owner"),
    [
        ({**STACK, OWNER: "b2"}, "of another state of dev (b2)"),
        (STACK, "of another state of dev"),
        ({**STACK, "webstack.stack": "col"}, "of the stack col of webstack"),
        ({"made": "by hand"}, "nobody's by its labels"),
    ],
)
def test_a_refusal_names_the_owner_in_one_line(labels: dict[str, str], owner: str):
    told = refusal(ours(), {"v": labels, "w": {}})
    assert told.startswith(f"the volume v exists, and is {owner}, and 1 more")
    assert "--adopt" in told
    assert "\n" not in told


def test_the_owner_of_a_volume_is_who_claims_it():
    listed = [
        {"Name": "v", "Labels": MARKED},
        {"Name": "w", "Labels": None},
        {"Name": "v.adopted", "Labels": {OWNER: "b2", ADOPTED: "v"}},
    ]
    assert owned_labels(listed) == {"v": {**MARKED, OWNER: "b2", ADOPTED: "v"}, "w": {}}


def test_names_of_volumes_are_different_for_all_stacks_services_and_projects():
    """Names with every separator that they may have are tried in all combinations."""
    stacks = ["col", "col-x", "col_x", "col.x", "col-", "-col", "col_", "x-hello", "col-x-hello"]
    services = ["hello", "x-hello", "x", "hello-x", "proxy-x"]
    projects = ["p", "p-col", "p-col-x", "p_col"]
    names = [
        Stack(project, stack, "/", "dev").volume(*parts)
        for project, stack in itertools.product(projects, stacks)
        for parts in [
            ("front",),
            ("proxy", "static"),
            *((service, kind) for service in services for kind in ("data", "sockets")),
        ]
    ]
    assert len(set(names)) == len(names)


def test_most_names_are_as_they_were():
    assert Stack("web-stack", "dev", "/", "dev").volume("shop", "data") == "web-stack-dev-shop-data"
