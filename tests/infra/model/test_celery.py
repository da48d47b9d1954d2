"""Celery in a role runs with settings under which no task is lost, by its command line alone."""

from __future__ import annotations

import json
from typing import Any

from infra.model.celery import command
from infra.model.roles import all_roles, hands_over
from infra.model.specs import RoleSpec
from infra.settings.roles import Celery, Role
from infra.settings.sections import Service
from infra.settings.types import Secret
from tests.infra.releases import made


def role(**body: Any) -> Role:
    grace = body.pop("grace", 30)
    return Role(celery=Celery(app="shop", **body), grace=grace)


def told(**body: Any) -> dict[str, str]:
    """Give the words behind -- on the command line of a worker."""
    wanted = role(**body)
    assert wanted.celery
    words = command(wanted, wanted.celery)
    return dict(word.split("=", 1) for word in words[words.index("--") + 1 :])


def spec(**body: Any) -> RoleSpec:
    needs = ("valkey-broker",)
    stack = made(shop={"path": "/", "needs": needs, "roles": {"jobs": role(**body)}})
    [found] = stack.releases[0].roles
    return found


def test_a_task_is_done_or_comes_back():
    said = told()
    assert said["task.acks_late"] == said["task.reject_on_worker_lost"] == "1"
    words = command(role(), Celery(app="shop"))
    assert words[words.index("--prefetch-multiplier") + 1] == "1"


def test_the_longest_task_ends_before_another_worker_gets_it():
    words = command(role(longest=900), Celery(app="shop", longest=900))
    limit = int(words[words.index("--time-limit") + 1])
    options = json.loads(told(longest=900)["broker.transport_options"].removeprefix("(dict)"))
    assert limit == 900 < options["visibility_timeout"]


def test_a_stop_leaves_time_to_give_back_what_was_not_finished():
    assert told(grace=60)["worker.soft_shutdown_timeout"] == "55"
    assert told(grace=3)["worker.soft_shutdown_timeout"] == "1"
    [container] = spec().containers.values()
    assert container.environment["REMAP_SIGTERM"] == "SIGQUIT"


def test_queues_are_those_that_are_named():
    words = command(role(), Celery(app="shop", queues=("mails", "reports")))
    assert words[words.index("--queues") + 1] == "mails,reports"
    assert "--queues" not in command(role(), Celery(app="shop"))


def test_there_is_one_clock_and_it_writes_where_it_may():
    clock = Service(source="shop", path="/", roles={"clock": role(run="beat")})
    found = all_roles(clock)["clock"]
    assert found.single
    assert found.command
    assert found.command[found.command.index("--schedule") + 1].startswith("/tmp/")
    assert not hands_over(found)
    assert hands_over(role())
    assert not hands_over(Role(command=("work",)))


def test_the_service_and_its_workers_know_where_tasks_and_results_are():
    [container] = spec().containers.values()
    broker = "redis+socket:///run/valkey-broker/valkey.sock"
    assert container.environment["CELERY_BROKER_URL"] == broker
    assert container.environment["CELERY_RESULT_BACKEND"] == f"{broker}?db=1"


def test_what_the_service_says_itself_counts_more():
    body = {
        "path": "/",
        "needs": ("valkey-broker",),
        "roles": {"jobs": role()},
        "environment": {"CELERY_BROKER_URL": "redis://elsewhere"},
        "secret_environment": {"CELERY_RESULT_BACKEND": Secret(setting="results")},
    }
    shop = made(shop=body).releases[0].replicas[0].container
    assert shop.environment["CELERY_BROKER_URL"] == "redis://elsewhere"
    assert "CELERY_RESULT_BACKEND" not in shop.environment


def test_a_service_without_celery_is_told_nothing_of_it():
    shop = made(shop={"path": "/", "needs": ("valkey-broker",)}).releases[0].replicas[0].container
    assert "CELERY_BROKER_URL" not in shop.environment
