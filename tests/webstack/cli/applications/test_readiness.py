"""Each obstacle between a service and production is told with the line that removes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.webstack.cli.applications.trees import DJANGO, FLASK, found
from webstack.cli.applications.findings import Application
from webstack.cli.applications.readiness import readiness

GOOD = {
    "source": "shop",
    "hosts": ["shop.example.org"],
    "app": "shop.wsgi:application",
    "health": "/healthz",
    "replicas": 2,
}


def judged(
    service: Mapping[str, Any], application: Application | None = None, *, placed: bool = True
) -> dict[str, tuple[bool, str]]:
    config = {"webstack:services": {"shop": service}}
    found = readiness("shop", config, application, service if placed else None)
    return {each.topic: (each.ok, each.fact) for each in found}


def test_a_service_that_is_ready_has_nothing_in_its_way():
    assert {topic for topic, (ok, _) in judged(GOOD).items() if not ok} == set()


@pytest.mark.parametrize(
    ("change", "topic", "words"),
    [
        ({"hosts": ["shop.localhost"]}, "hosts", "only this machine knows shop.localhost"),
        ({"replicas": None}, "replicas", "with replicas: 2 one may fail"),
        ({"health": {"path": "/", "status": ["200-399"]}}, "health", "/ with 200-399 says little"),
        ({"health": {"path": "/up", "status": ["200-499"]}}, "health", "says little of how it is"),
        ({"health": {"path": "up"}}, "health", "Expected `str` matching regex"),
        ({"command": ["flask", "run"]}, "command", "flask run is for development"),
        ({"command": ["python", "manage.py", "runserver"]}, "command", "is for development"),
        ({"reload": "/app"}, "reload", "remove reload"),
        ({"environment": {"API_TOKEN": "x"}}, "secrets", "API_TOKEN can be read in the settings"),
        ({"data": "/data"}, "data", "its data is on this machine alone"),
    ],
)
def test_what_stands_in_the_way_is_named(change: dict[str, Any], topic: str, words: str):
    ok, fact = judged({**GOOD, **change})[topic]
    assert not ok
    assert words in fact


def test_one_that_production_does_not_know_is_told():
    assert judged(GOOD, placed=False)["stack"] == (
        False,
        "shop is not in Pulumi.production.yaml; add it there, as it is here",
    )


def test_what_its_files_say_and_its_settings_do_not_is_told():
    said = judged(GOOD, found(DJANGO))
    assert said["before_release"] == (
        False,
        "not set; by manage.py: before_release: [python3, manage.py, migrate, --noinput]",
    )
    assert "static: /srv/static" in said["static"][1]
    assert "static" not in judged({**GOOD, "static": "/x", "before_release": ["x"]}, found(DJANGO))


def test_a_variable_that_is_given_by_now_is_no_more_in_the_way():
    application = found({"app.py": FLASK["app.py"] + 'A = os.environ["API_URL"]\n'})
    assert "needs the variable API_URL" in judged(GOOD, application)["unsolved"][1]
    given = {**GOOD, "environment": {"API_URL": "x"}}
    assert "unsolved" not in judged(given, application)
