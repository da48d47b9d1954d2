"""A mistake in a role is told in one line, with its key."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.roles import Role
from tests.infra.settings.test_sections import SERVICE, read_values, refused

WORKER = {"command": ["celery", "worker"]}


def with_roles(**roles: Any) -> dict[str, Any]:
    return {"shop": {**SERVICE, "roles": roles}}


def test_a_role_needs_no_more_than_a_command():
    read = read_values(services=with_roles(worker=WORKER)).services["shop"].roles["worker"]
    assert read == Role(command=("celery", "worker"))
    assert (read.replicas, read.single, read.health) == (1, False, 5)


@pytest.mark.parametrize("health", [["celery", "status"], 20])
def test_its_health_is_a_command_or_seconds(health: Any):
    services = with_roles(worker={**WORKER, "health": health})
    read = read_values(services=services).services["shop"].roles["worker"]
    assert read.health == (tuple(health) if isinstance(health, list) else health)


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ({}, "roles.worker: a role has a command, or celery in its place"),
        ({**WORKER, "celery": {"app": "shop"}}, "roles.worker: a role has a command, or celery"),
        (
            {"celery": {"app": "shop"}},
            "roles.worker.celery: tasks wait in valkey-broker, which the",
        ),
        ({"celery": {"app": "shop", "queues": ["a,b"]}}, "roles.worker.celery.queues"),
        ({"command": "celery"}, "roles.worker.command: expected a list, got a text; write [first"),
        ({"command": [" "]}, "roles.worker.command: the first word is empty; name a program"),
        ({**WORKER, "health": [""]}, "roles.worker.health: the first word is empty"),
        ({**WORKER, "health": 0}, "roles.worker.health: expected a whole number of at least 1"),
        ({**WORKER, "replica": 2}, "roles.worker.replica: unknown setting; did you mean replicas?"),
        ({**WORKER, "single": True, "replicas": 2}, "roles.worker.replicas: 2 containers are not"),
    ],
)
def test_a_wrong_role_is_named_with_its_key(role: dict[str, Any], message: str):
    said = refused(services=with_roles(worker=role))
    assert said.startswith(f"services.shop.{message}")


def test_a_name_that_is_none_is_refused():
    assert "services.shop.roles.Worker: expected a name" in refused(
        services=with_roles(Worker=WORKER)
    )


def test_a_role_that_would_have_the_name_of_a_service_is_refused():
    services = {**with_roles(worker=WORKER), "shop-worker": {"source": "x", "path": "/x"}}
    assert refused(services=services) == (
        "services.shop.roles.worker: its containers would be named shop-worker, as those "
        "of service shop-worker; give it another name"
    )


def test_two_roles_that_would_have_one_name_are_refused():
    services = {
        "shop": {**SERVICE, "roles": {"a-b": WORKER}},
        "shop-a": {"source": "x", "path": "/x", "roles": {"b": WORKER}},
    }
    said = refused(services=services)
    assert said.startswith("services.shop-a.roles.b: its containers would be named")
    assert "as those of role a-b of shop;" in said


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({}, "schedule: required, but not set"),
        ({"schedule": "0 3 * *"}, "command: required, but not set"),
        ({"schedule": "0 3 * *", "command": ["x"]}, 'schedule: "0 3 * *" is no schedule, it has 4'),
        ({"schedule": "0 0 30 2 *", "command": ["x"]}, 'schedule: "0 0 30 2 *" is no schedule'),
        ({"schedule": "@daily", "command": [" "]}, "command: the first word is empty"),
        ({"schedule": "@daily", "command": ["x"], "timezone": "Berlin"}, "timezone: Berlin is no"),
        ({"schedule": "@daily", "command": ["x"], "overlap": "no"}, "overlap: 'no' is none of"),
    ],
)
def test_a_wrong_job_is_named_with_its_key(job: dict[str, Any], message: str):
    said = refused(services={"shop": {**SERVICE, "cron": {"nightly": job}}})
    assert said.startswith(f"services.shop.cron.nightly.{message}"), said


def test_a_role_cannot_have_the_name_of_the_one_that_runs_jobs():
    jobs = {"nightly": {"schedule": "@daily", "command": ["x"]}}
    said = refused(services={"shop": {**SERVICE, "cron": jobs, "roles": {"cron": WORKER}}})
    assert said.startswith("services.shop.roles.cron: the jobs of cron run in a role of this name")


def test_jobs_cannot_have_the_name_of_a_service():
    jobs = {"nightly": {"schedule": "@daily", "command": ["x"]}}
    services = {"shop": {**SERVICE, "cron": jobs}, "shop-cron": {"source": "x", "path": "/x"}}
    assert "its containers would be named shop-cron" in refused(services=services)
