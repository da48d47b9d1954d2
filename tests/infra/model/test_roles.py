"""The containers of a role are those of its service, without what serves requests."""

from __future__ import annotations

from typing import Any

from infra.model.container_arguments import arguments
from infra.model.specs import Container, RoleSpec, ServiceSpec
from infra.settings.roles import Role
from infra.settings.types import Secret
from tests.infra.releases import made

WORKER = Role(command=("celery", "worker"))


def service(role: Role = WORKER, **body: Any) -> ServiceSpec:
    [release] = made(shop={"path": "/shop", "roles": {"worker": role}, **body}).releases
    return release


def spec(role: Role = WORKER, **body: Any) -> RoleSpec:
    [found] = service(role, **body).roles
    return found


def container(role: Role = WORKER, **body: Any) -> Container:
    [found] = spec(role, **body).containers.values()
    return found


def test_it_has_what_its_service_has():
    environment = {"DATABASE_URL": "sqlite:////data/a"}
    secrets = {"KEY": Secret()}
    body = {"data": "/data", "outbound": True, "writable": {"/cache": 16}}
    release = service(environment=environment, secret_environment=secrets, **body)
    [worker] = release.roles[0].containers.values()
    web = release.replicas[0].container
    assert worker.image == web.image
    assert worker.user.partition(":")[0] == web.user.partition(":")[0]
    assert (worker.networks, worker.tmpfs, worker.secrets) == (web.networks, web.tmpfs, web.secrets)
    assert worker.environment["DATABASE_URL"] == "sqlite:////data/a"
    assert [mount.target for mount in worker.mounts] == ["/data"]


def test_it_has_nothing_to_listen_with():
    worker = container()
    assert worker.mounts == ()
    assert not {"WEBSTACK_SOCKET", "GUNICORN_CMD_ARGS", "PORT"} & worker.environment.keys()
    assert worker.environment["WEBSTACK_ROLE"] == "worker"
    assert worker.environment["WEBSTACK_RELEASE"] == spec().id


def test_its_limits_and_its_command_are_its_own():
    worker = container(Role(command=("run",), cpus=2, memory=512, pids=32, grace=90))
    assert (worker.command, worker.cpus, worker.memory, worker.pids) == (("run",), 2, 512, 32)
    assert worker.grace == 95


def test_only_a_command_is_a_health_check_of_docker_s():
    assert container().health is None
    health = container(Role(command=("run",), health=("ready",))).health
    assert health
    assert health.test == ("CMD", "ready")


def test_it_is_made_and_left_to_the_release_to_start():
    given = arguments(container())
    assert (given["start"], given["must_run"]) == (False, False)
    web = arguments(service().replicas[0].container)
    assert not {"start", "must_run"} & web.keys()


def test_names_follow_content_and_roles_do_not_touch_their_service():
    one, two = spec(), spec(Role(command=("celery", "worker", "--verbose")))
    assert one.id != two.id
    assert list(one.containers) == [f"shop-worker-0-{one.id}"]
    assert service().id == made(shop={"path": "/shop"}).releases[0].id


def test_how_it_is_watched_rolls_nothing():
    assert spec(Role(command=("celery", "worker"), health=60, single=True)).id == spec().id


def test_each_replica_is_a_container():
    found = spec(Role(command=("run",), replicas=2)).containers
    assert [name.rpartition("-")[0] for name in found] == ["shop-worker-0", "shop-worker-1"]
    assert {each.labels["webstack.background"] for each in found.values()} == {"shop-worker"}
    assert {each.labels["webstack.role"] for each in found.values()} == {"background"}
