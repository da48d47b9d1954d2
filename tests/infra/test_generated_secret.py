"""A generated secret has one value for each serial, also when a serial comes back."""

from __future__ import annotations

from typing import Any

from infra.generated_secret import GeneratedSecretProvider

PROVIDER = GeneratedSecretProvider()


def updated(before: dict[str, Any], **news: Any) -> dict[str, Any]:
    return dict(PROVIDER.update("secret", before, news).outs or {})


def test_a_rotated_secret_comes_back_with_its_serial():
    first = dict(PROVIDER.create({"serial": 1.0}).outs or {})
    second = updated(first, serial=2.0)
    assert len({first["value"], second["value"]}) == 2
    assert updated(second, serial=1.0)["value"] == first["value"]
    assert updated(updated(second, serial=1.0), serial=2.0)["value"] == second["value"]


def test_a_value_of_a_record_wins_over_what_is_known():
    first = dict(PROVIDER.create({"serial": 1.0}).outs or {})
    assert PROVIDER.diff("secret", first, {"serial": 1.0, "restored": "old"}).changes
    restored = updated(first, serial=1.0, restored="old")
    assert restored["value"] == "old"
    assert not PROVIDER.diff("secret", restored, {"serial": 1.0, "restored": "old"}).changes
    assert not PROVIDER.diff("secret", restored, {"serial": 1.0}).changes


def test_a_secret_whose_service_is_back_has_its_value_again():
    assert (PROVIDER.create({"serial": 3.0, "restored": "old"}).outs or {})["value"] == "old"


def test_values_from_before_they_were_remembered_are_kept():
    before = {"serial": 1.0, "value": "first"}
    assert updated(updated(before, serial=2.0), serial=1.0)["value"] == "first"
