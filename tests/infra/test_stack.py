"""What each environment declares, before anything is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

ENVIRONMENTS = ["dev", "staging", "production"]
CONTAINER = "docker:index/container:Container"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_the_proxy_publishes_a_port(declare: Callable[..., Any], environment: str):
    containers = declare(environment).containers()
    assert {name for name, inputs in containers.items() if inputs.get("ports")} == {"holder"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_container_is_hardened(declare: Callable[..., Any], environment: str):
    containers = declare(environment).containers()
    assert set(containers) == {"flask", "django", "proxy", "holder"}
    for inputs in containers.values():
        assert inputs["readOnly"] is True
        assert inputs["capabilities"] == {"drops": ["ALL"]}
        assert inputs["securityOpts"] == ["no-new-privileges:true"]
        assert int(inputs["user"].partition(":")[0]) >= 10_000
        assert inputs["memory"] > 0
        assert inputs["memorySwap"] == inputs["memory"]
        assert float(inputs["cpus"]) > 0
        assert inputs["logOpts"] == {"max-size": "10m", "max-file": "3"}
        assert inputs["healthcheck"]["tests"][0] == "CMD"
        assert inputs["destroyGraceSeconds"] >= 5
        assert "privileged" not in inputs


def test_nginx_is_in_no_network(declare: Callable[..., Any]):
    proxy = declare().containers()["proxy"]
    assert proxy["networkMode"] == "none"
    assert "networksAdvanced" not in proxy


def test_services_reach_only_the_internal_network(declare: Callable[..., Any]):
    recorder = declare()
    networks = {r.name: r.inputs for r in recorder.resources if r.type.endswith(":Network")}
    assert networks["internal"]["internal"] is True
    attached = recorder.containers()["flask"]["networksAdvanced"]
    assert attached == [{"name": "webstack-dev-internal"}]


def test_nothing_of_this_machine_is_mounted(declare: Callable[..., Any]):
    for environment in ("staging", "production"):
        for inputs in declare(environment).containers().values():
            assert "mounts" not in inputs
            assert all(volume["volumeName"] for volume in inputs["volumes"])


def test_names_say_the_stack_and_the_content(declare: Callable[..., Any]):
    names = [inputs["name"] for inputs in declare("production").containers().values()]
    assert all(name.startswith("webstack-production-") for name in names)


def service_names(recorder: Any) -> list[str]:
    return [
        resource.name
        for resource in recorder.resources
        if resource.type == CONTAINER and resource.name.startswith(("flask", "django"))
    ]


def with_service(declare: Callable[..., Any], settings: dict[str, Any], **changes: Any) -> Any:
    services = {**settings, "flask": {**settings["flask"], **changes}}
    return declare(services=services)


def test_a_change_of_one_service_renames_its_containers_only(
    declare: Callable[..., Any], dev_services: dict[str, Any]
):
    before = service_names(declare())
    after = service_names(
        with_service(declare, dev_services, environment={"DATABASE_URL": "sqlite:////data/b"})
    )
    assert [name for name in before if name.startswith("django")] == [
        name for name in after if name.startswith("django")
    ]
    assert not set(before) & {name for name in after if name.startswith("flask")}


def test_a_secret_rolls_its_service_by_serial_and_stands_in_no_name(
    declare: Callable[..., Any], dev_services: dict[str, Any]
):
    before = set(service_names(declare()))
    rotated = with_service(declare, dev_services, secret_environment={"SECRET_KEY": {"serial": 2}})
    assert len(before - set(service_names(rotated))) == 1
    assert all("generated" not in resource.name for resource in rotated.resources)


def test_replicas_share_one_content_name(declare: Callable[..., Any], dev_services: dict[str, Any]):
    names = service_names(with_service(declare, dev_services, replicas=3))
    flask = sorted(name.split("-") for name in names if name.startswith("flask"))
    assert [name[1] for name in flask] == ["0", "1", "2"]
    assert len({name[2] for name in flask}) == 1


def test_a_data_volume_is_kept(declare: Callable[..., Any]):
    volumes = [r.inputs["name"] for r in declare().resources if r.type.endswith(":Volume")]
    assert "webstack-dev-flask-data" in volumes


def test_a_third_service_is_a_few_lines_of_settings(
    declare: Callable[..., Any], dev_services: dict[str, Any]
):
    third = {"source": "services/flask_app", "path": "/third"}
    recorder = declare(services={**dev_services, "third": third})
    assert recorder.containers()["third"]["name"].startswith("webstack-dev-third-0-")
    mounted = [v["volumeName"] for v in recorder.containers()["proxy"]["volumes"]]
    assert "webstack-dev-third-sockets" in mounted


def test_a_source_without_dockerfile_is_named(
    declare: Callable[..., Any], dev_services: dict[str, Any]
):
    with pytest.raises(pulumi.RunError, match=r"services\.flask\.source: docs has no Dockerfile"):
        with_service(declare, dev_services, source="docs")
