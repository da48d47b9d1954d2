"""Pulumi.dev.yaml stays the reference of all settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from infra.settings import sections
from infra.settings.roles import Celery, Role
from webstack.contract import yaml_settings
from webstack.contract.health_check import HealthCheck

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Pulumi.dev.yaml").read_text()


def documented(indent: int, prefix: str = "") -> set[str]:
    """Give the keys that stand at an indentation, commented out or not."""
    pattern = rf"^ {{{indent}}}(?:# )?{prefix}([a-z_]+):(?: |$)"
    return set(re.findall(pattern, TEXT, re.MULTILINE))


def test_every_setting_stands_in_the_reference():
    fields = {field.name for field in msgspec.structs.fields(sections.Settings)}
    assert documented(2, "webstack:") == fields | {"engine"}


def test_every_setting_of_a_service_stands_in_the_reference():
    fields = {field.name for field in msgspec.structs.fields(sections.Service)}
    assert documented(6) == fields


@pytest.mark.parametrize(
    ("model", "start"), [(sections.Settings, "  # webstack:"), (sections.Service, "      # ")]
)
def test_a_commented_default_is_the_default(model: type[msgspec.Struct], start: str):
    """``# port: 8080`` says that 8080 is the default, so it must be."""
    defaults = {
        field.name: field.default
        for field in msgspec.structs.fields(model)
        if field.default not in (msgspec.NODEFAULT, None)
    }
    stated = dict(re.findall(rf"^{start}([a-z_]+): (\S.*)$", TEXT, re.MULTILINE))
    compared = 0
    for name in stated.keys() & defaults.keys():
        default = json.loads(msgspec.json.encode(defaults[name]))
        assert yaml_settings.parsed(stated[name]) == default, name
        compared += 1
    assert compared >= 3


def test_the_long_form_of_health_stands_there_with_its_defaults():
    stated = dict(re.findall(r"^      #   ([a-z_]+): (\S.*)$", TEXT, re.MULTILINE))
    fields = msgspec.structs.fields(HealthCheck)
    assert stated.keys() == {field.name for field in fields}
    for field in fields:
        if field.default is not None:
            default = json.loads(msgspec.json.encode(field.default))
            assert yaml_settings.parsed(stated[field.name]) == default, field.name


def test_a_role_stands_there_with_its_defaults():
    stated = dict(re.findall(r"^      #     ([a-z_]+): (\S.*)$", TEXT, re.MULTILINE))
    fields = msgspec.structs.fields(Role)
    assert stated.keys() == {field.name for field in fields}
    for field in fields:
        if field.default is not None:
            assert yaml_settings.parsed(stated[field.name]) == field.default, field.name


def test_celery_stands_there_with_its_defaults():
    [line] = re.findall(r"^      #     celery: (\S.*)$", TEXT, re.MULTILINE)
    stated = msgspec.convert(yaml_settings.parsed(line), Celery)
    assert stated == Celery(app=stated.app, queues=("celery",))
    names = {field.name for field in msgspec.structs.fields(Celery)}
    assert yaml_settings.parsed(line).keys() == names
