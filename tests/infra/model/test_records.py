"""A record brings back exactly what it was made of, and shows nobody a secret."""

from __future__ import annotations

import json
import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from infra.model import records
from infra.model.records import Origin, newest
from infra.settings.types import Secret
from tests.infra.releases import made, record

names = some.text(string.ascii_lowercase, min_size=1, max_size=9)
texts = some.text(max_size=20)
legible = some.text(some.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
services = some.dictionaries(
    names,
    some.fixed_dictionaries(
        {
            "replicas": some.integers(1, 9),
            "cpus": some.floats(0.1, 256),
            "environment": some.dictionaries(names, legible, max_size=3),
            "secret_environment": some.dictionaries(
                names, some.builds(Secret, serial=some.integers(1, 9)), max_size=2
            ),
            "static": some.none() | some.just("/srv/static"),
            "data": some.none() | some.just("/data"),
            "before_release": some.none() | some.just(("migrate", "--all")),
            "outbound": some.booleans(),
        }
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=40, deadline=None)
@given(services, texts, texts)
def test_a_record_is_read_back_as_it_was(wanted: dict[str, dict[str, object]], file: str, key: str):
    by_path = {name: {**body, "path": f"/{name}"} for name, body in wanted.items()}
    blueprint = made(**by_path)
    kept = record(
        3,
        blueprint,
        static=dict.fromkeys(wanted, (file,)),
        secrets={name: {"KEY": key} for name in wanted},
    )
    again = records.unpacked(records.packed(kept))
    assert again == kept
    assert again.blueprint.content == blueprint.content
    assert again.blueprint.plan == blueprint.plan


@pytest.mark.parametrize(
    "changed",
    [
        made("two"),
        made(shop={"path": "/", "replicas": 2}),
        made(shop={"path": "/other"}),
        made(shop={"path": "/", "environment": {"A": "1"}}),
        made(shop={"path": "/", "secret_environment": {"KEY": Secret(serial=2)}}),
    ],
)
def test_the_content_changes_with_all_that_runs(changed):
    assert changed.content != made().content


def test_how_an_image_was_built_is_not_recorded():
    blueprint = made().without_builds()
    assert blueprint.content == made().content
    assert not blueprint.proxy.image.build
    assert not any(release.image.build for release in blueprint.releases)


def test_the_summary_has_no_secret():
    summary = record(1, secrets={"shop": {"KEY": "hush"}}).summary
    assert "hush" not in json.dumps(summary)
    assert set(summary["images"]) == {"shop", "proxy", "python"}


def test_only_the_newest_are_kept_in_order():
    known = [record(number) for number in (2, 1, 4, 3)]
    assert [item.number for item in newest(known, 3)] == [2, 3, 4]
    assert [item.number for item in newest(known, 9)] == [1, 2, 3, 4]


def test_a_container_that_runs_on_has_the_secrets_of_its_start():
    before = record(1, secrets={"shop": {"KEY": "then"}, "wiki": {"KEY": "then"}})
    now = {"shop": {"KEY": "now"}, "wiki": {"KEY": "now"}, "blog": {"KEY": "now"}}
    assert records.in_force(before, {"shop"}, now) == {**now, "shop": {"KEY": "then"}}
    assert records.in_force(None, {"shop"}, now) == now


def test_a_record_of_another_program_is_refused():
    with pytest.raises(msgspec.ValidationError):
        records.unpacked(records.packed({"number": 1}))


def test_an_origin_without_git_is_empty():
    assert Origin() == Origin("", clean=None, rollback_of=None, first=None)


def test_static_files_are_those_of_what_runs_on_and_of_what_comes_back():
    both = made(shop={"path": "/"}, blog={"path": "/blog"})
    old = record(1, both, static={"shop": ("a.css",), "blog": ("a.svg",)})
    new = record(2, both, static={"shop": ("b.css",), "blog": ("b.svg",)})
    assert records.static_files([old, new], {"blog"}, None) == {"blog": ("b.svg",)}
    assert records.static_files([old, new], {"blog"}, 1) == {"shop": ("a.css",), "blog": ("b.svg",)}
    assert records.static_files([], set(), None) == {}


def test_files_at_a_path_of_their_own_stay_with_their_service():
    brought = {"shop": ("a.css",), "shop.assets": ("b.js",), "blog.assets": ("c.js",)}
    known = [record(1, static=brought)]
    assert records.static_files(known, {"shop"}, None) == {
        "shop": ("a.css",),
        "shop.assets": ("b.js",),
    }
