"""Each environment is declared as the settings say, before anything is made."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra.settings.reading import read
from infra.settings.sections import SettingsError
from infra.testing import Declarations, Declare

ENVIRONMENTS = ["dev", "staging", "production"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_the_proxy_publishes_a_port(declare: Declare, environment: str):
    publishing = [each for each in declare(environment).of_type("Container") if each.get("ports")]
    assert [each.labels["webstack.role"] for each in publishing] == ["holder"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_container_is_hardened(declare: Declare, environment: str):
    stack = declare(environment)
    assert all(stack.of_service(name) for name in ("shop", "wiki", "proxy", "holder"))
    for inputs in [each.properties for each in stack.of_type("Container")]:
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


def test_nginx_is_in_no_network(declare: Declare):
    [proxy] = declare().of_service("proxy")
    assert proxy.get("networkMode") == "none"
    assert not proxy.get("networksAdvanced")


def test_a_service_that_listens_on_its_socket_alone_is_in_no_network(declare: Declare):
    for shop in declare().of_service("shop"):
        assert shop.get("networkMode") == "none"
        assert not shop.get("networksAdvanced")


def test_a_service_on_a_port_reaches_its_relay_and_neither_the_host_nor_the_world(
    declare: Declare, dev_services: dict[str, Any]
):
    stack = with_service(declare, dev_services, port=9000)
    [internal] = stack.of_type("Network").where(internal=True)
    assert internal.get("options") == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    for each in stack.of_service("shop"):
        assert each.get("networksAdvanced") == [{"name": internal.get("name")}]


@pytest.mark.parametrize("port", [None, 9000])
def test_only_outbound_leads_out(declare: Declare, dev_services: dict[str, Any], port: int | None):
    stack = with_service(declare, dev_services, outbound=True, **({"port": port} if port else {}))
    edge = next(each.get("name") for each in stack.of_type("Network") if "edge" in each.name)
    for each in stack.of_service("shop"):
        joined = {item["name"] for item in each.get("networksAdvanced")}
        assert (edge in joined) is (each.labels["webstack.role"] == "service"), each.name
        assert len(joined) == (1 if each.labels["webstack.role"] == "relay" or not port else 2)


def test_nothing_of_this_machine_is_mounted(declare: Declare):
    for environment in ("staging", "production"):
        for container in declare(environment).of_type("Container"):
            assert not container.get("mounts")
            assert all(volume["volumeName"] for volume in container.get("volumes"))


def test_names_say_the_stack_and_the_content(declare: Declare):
    names = [each.get("name") for each in declare("production").of_type("Container")]
    assert all(name.startswith("webstack-production-") for name in names)


def service_names(stack: Declarations) -> list[str]:
    return [name for service in ("shop", "wiki") for name in stack.of_service(service).names]


def with_service(declare: Declare, settings: dict[str, Any], **changes: Any) -> Declarations:
    services = {**settings, "shop": {**settings["shop"], **changes}}
    return declare(services=services)


def test_a_change_of_one_service_renames_its_containers_only(
    declare: Declare, dev_services: dict[str, Any]
):
    before = service_names(declare())
    after = service_names(
        with_service(declare, dev_services, environment={"DATABASE_URL": "sqlite:////data/b"})
    )
    assert [name for name in before if name.startswith("wiki")] == [
        name for name in after if name.startswith("wiki")
    ]
    assert not set(before) & {name for name in after if name.startswith("shop")}


def test_a_secret_rolls_its_service_by_serial_and_stands_in_no_name(
    declare: Declare, dev_services: dict[str, Any]
):
    before = set(service_names(declare()))
    rotated = with_service(declare, dev_services, secret_environment={"SECRET_KEY": {"serial": 2}})
    assert len(before - set(service_names(rotated))) == 1
    assert all("generated" not in name for name in rotated.names)


def test_replicas_share_one_content_name(declare: Declare, dev_services: dict[str, Any]):
    names = service_names(with_service(declare, dev_services, replicas=3))
    shop = sorted(name.split("-") for name in names if name.startswith("shop"))
    assert [name[1] for name in shop] == ["0", "1", "2"]
    assert len({name[2] for name in shop}) == 1


def test_a_data_volume_is_kept(declare: Declare):
    volume = declare().named("shop-data")
    assert volume.get("name") == "webstack-dev-shop-data"
    assert volume.protect


def test_a_third_service_is_a_few_lines_of_settings(declare: Declare, dev_services: dict[str, Any]):
    third = {"source": "tests/applications/page", "path": "/third"}
    stack = declare(services={**dev_services, "third": third})
    assert stack.of_service("third")[0].get("name").startswith("webstack-dev-third-0-")
    [proxy] = stack.of_service("proxy")
    mounted = [volume["volumeName"] for volume in proxy.get("volumes")]
    assert "webstack-dev-third-sockets" in mounted


def test_a_source_without_dockerfile_is_named(declare: Declare, dev_services: dict[str, Any]):
    with pytest.raises(pulumi.RunError, match=r"services\.shop\.source: docs has no Dockerfile"):
        with_service(declare, dev_services, source="docs")


@pytest.mark.parametrize("way", ["..", "link"])
def test_a_source_outside_of_the_project_has_to_be_meant(
    declare: Declare, dev_services: dict[str, Any], tmp_path: Path, way: str
):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    root = Path(__file__).parents[2]
    if way == "..":
        source = os.path.relpath(tmp_path, root)
    else:
        (tmp_path / "link").symlink_to(tmp_path)
        source = str(tmp_path / "link")
    with pytest.raises(pulumi.RunError, match=r"lies outside of the project, .* source_outside: t"):
        with_service(declare, dev_services, source=source)
    assert with_service(declare, dev_services, source=source, source_outside=True)


def test_a_volume_that_would_be_lost_is_told_at_preview(
    declare: Declare, dev_services: dict[str, Any], tmp_path: Path
):
    (tmp_path / "Dockerfile").write_text("ARG PYTHON\nFROM $PYTHON\nVOLUME /srv/shop\n")
    source = {"source": str(tmp_path), "source_outside": True}
    with pytest.raises(pulumi.RunError, match=r"its Dockerfile declares the volume /srv/shop, wh"):
        with_service(declare, dev_services, **source)
    assert with_service(declare, dev_services, **source, writable={"/srv/shop": 16})


def test_a_service_on_a_port_has_a_relay_on_its_socket(
    declare: Declare, dev_services: dict[str, Any]
):
    stack = with_service(declare, dev_services, port=9000)
    relay, served = sorted(stack.of_service("shop"), key=lambda each: "relay" not in each.name)
    assert relay.get("name") == f"{served.get('name')}-relay"
    *_, socket, host, port = relay.get("command")
    assert (host, port) == (served.get("name"), "9000")
    assert f"WEBSTACK_SOCKET={socket}" in relay.get("envs")
    assert "PORT=9000" in served.get("envs")
    assert not any("WEBSTACK_SOCKET" in value for value in served.get("envs"))
    assert any("--bind 0.0.0.0:9000" in value for value in served.get("envs"))
    assert [each["containerPath"] for each in relay.get("volumes")] == ["/run/webstack"]
    assert "/run/webstack" not in [each["containerPath"] for each in served.get("volumes")]
    target = stack.named("release").get("services")["shop"]["replicas"][0]
    assert target["pids"].keys() == {served.get("name"), relay.get("name")}
    assert target["socket"] == socket.rpartition("/")[2]


def test_no_service_takes_a_name_that_the_program_gives_itself(
    declare: Declare, dev_services: dict[str, Any]
):
    """The logs, the image or the containers of both would have the same names."""
    tcp = {
        **dev_services,
        "tcp": {"source": "tests/applications/page", "path": "/tcp", "port": 8000},
    }
    stack = declare(services=tcp)
    own = {name for name in stack.names if not name.startswith(tuple(tcp))}
    roles = {each.labels.get("webstack.role", "service") for each in stack}
    images = {each.get("image", "").rpartition("/")[2].partition(":")[0] for each in stack}
    plain = {re.sub(r"-[0-9a-f]*[0-9][0-9a-f]*\Z", "", name) for name in own}
    names = (plain | {"nginx"} | roles | images) - {"", "service", *tcp}
    assert {"proxy", "nginx", "holder", "release", "relay", "edge", "python"} <= names
    free = {name for name in names if not refuses(name)}
    assert free == set()


def refuses(name: str) -> bool:
    services = {name: {"source": "services/shop", "path": "/"}}
    try:
        read({"webstack:services": json.dumps(services)})
    except SettingsError as error:
        return f"services.{name}: {name} is a name of the stack's own" in str(error)
    return False


def test_a_secret_setting_is_one_in_tests_too(declare: Declare, dev_services: dict[str, Any]):
    settings = {"source": "tests/applications/page", "path": "/x"}
    secret = {"secret_environment": {"TOKEN": {"setting": "token"}}}
    stack = declare(services={**dev_services, "fourth": {**settings, **secret}}, token="hush")
    assert stack.of_service("fourth")


def test_what_the_proxy_cannot_serve_is_said_with_its_key(
    declare: Declare, dev_services: dict[str, Any]
):
    hidden = {
        **dev_services,
        "fourth": {"source": "tests/applications/page", "path": "/.webstack/x"},
    }
    with pytest.raises(pulumi.RunError, match=r"^webstack:services: service fourth: paths under"):
        declare(services=hidden)


def test_a_service_can_go_while_its_data_stays(declare: Declare, dev_services: dict[str, Any]):
    left = {name: each for name, each in dev_services.items() if name != "shop"}
    stack = declare(services=left, kept=["shop"])
    volume = stack.named("shop-data")
    assert (volume.get("name"), volume.protect) == ("webstack-dev-shop-data", True)
    assert not stack.of_service("shop")
    assert "shop-data" not in declare(services=left).names


def test_a_stack_of_another_machine_is_not_deployed_elsewhere(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(pulumi.RunError, match="the stack runs on ssh://server, and this is for"):
        declare(host="ssh://server")
    monkeypatch.setenv("DOCKER_HOST", "ssh://server")
    assert declare(host="ssh://server").of_service("shop")
