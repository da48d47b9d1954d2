"""Each policy refuses what it is for, and leaves everything else alone."""

from __future__ import annotations

import base64
import random
from typing import Any

import pytest

from infra.policies import UNKNOWN, Declared, SecretText
from infra.policies.rules import containers, images, plain_secrets, production
from infra.testing import container, violations

RELAYED = {"label": "webstack.health", "value": "relay"}
REFUSED = [
    (containers.published_port, {"ports": [{"internal": 80, "external": 8080}]}),
    (containers.published_port, {"publishAllPorts": True}),
    (containers.published_port, {"networkMode": "host"}),
    (containers.root_user, {"user": None}),
    (containers.root_user, {"user": "root"}),
    (containers.root_user, {"user": "0:1000"}),
    (containers.privileged, {"privileged": True}),
    (containers.privileged, {"securityOpts": ["seccomp=unconfined"]}),
    (containers.privileged, {"securityOpts": ["seccomp:unconfined"]}),
    (containers.privileged, {"devices": [{"hostPath": "/dev/kmsg"}]}),
    (containers.host_namespace, {"pidMode": "host"}),
    (containers.socket_mount, {"volumes": [{"hostPath": "/var/run/docker.sock"}]}),
    (containers.socket_mount, {"volumes": [{"hostPath": "/run/"}]}),
    (containers.socket_mount, {"volumes": [{"hostPath": "/tmp/../var/run"}]}),
    (containers.socket_mount, {"mounts": [{"type": "bind", "source": "/"}]}),
    (containers.socket_mount, {"mounts": [{"type": "bind", "source": "/home/me/docker.sock"}]}),
    (containers.added_capabilities, {"capabilities": {"adds": ["NET_ADMIN"], "drops": ["ALL"]}}),
    (containers.limits, {"memory": None}),
    (containers.limits, {"cpus": None}),
    (containers.limits, {"cpus": "0"}),
    (containers.health_check, {"healthcheck": None}),
    (containers.health_check, {"healthcheck": {"tests": ["NONE"]}}),
    (images.pinned_image, {"image": "nginx"}),
    (images.pinned_image, {"image": "nginx:latest"}),
    (images.pinned_image, {"image": "registry.example.com:5000/shop/nginx"}),
    (images.pinned_image, {"image": "postgres:17"}),
    (production.debug_off, {"envs": ["DEBUG=1"]}),
    (production.debug_off, {"envs": ["FLASK_DEBUG=true"]}),
]
ACCEPTED = [
    (containers.published_port, {"ports": []}),
    (containers.root_user, {"user": "1000"}),
    (containers.privileged, {"privileged": False, "securityOpts": ["no-new-privileges:true"]}),
    (containers.host_namespace, {"pidMode": "container:other"}),
    (containers.socket_mount, {"volumes": [{"volumeName": "data", "containerPath": "/data"}]}),
    (containers.socket_mount, {"mounts": [{"type": "bind", "source": "/srv/shop/source"}]}),
    (containers.added_capabilities, {"capabilities": {"drops": ["ALL"]}}),
    (containers.limits, {"cpus": None, "cpuQuota": 50000}),
    (containers.health_check, {"healthcheck": None, "mustRun": False}),
    (containers.health_check, {"healthcheck": None, "labels": [RELAYED]}),
    (images.pinned_image, {"image": "webstack/flask:3f9c2a71b0de"}),
    (images.pinned_image, {"image": f"nginx:1.27@sha256:{'a' * 64}"}),
    (images.pinned_image, {"image": f"sha256:{'a' * 64}"}),
    (production.debug_off, {"envs": ["DEBUG=0", "DEBUG=", "LEVEL=debug"]}),
]


@pytest.mark.parametrize(("policy", "properties"), REFUSED)
def test_what_a_policy_refuses(policy: Any, properties: dict[str, Any]):
    assert len(violations(policy, container(**properties))) == 1


@pytest.mark.parametrize(("policy", "properties"), ACCEPTED)
def test_what_a_policy_accepts(policy: Any, properties: dict[str, Any]):
    assert violations(policy, container(**properties)) == []


def test_the_proxy_s_holder_may_publish():
    published = {
        "ports": [{"internal": 80}],
        "labels": [{"label": "webstack.role", "value": "holder"}],
    }
    assert violations(containers.published_port, container("proxy-holder-8080", **published)) == []
    assert violations(containers.published_port, container("shop", **published))


@pytest.mark.parametrize(
    ("name", "address", "count"),
    [
        ("metrics", "127.0.0.1", 0),
        ("metrics", "0.0.0.0", 1),
        ("metrics", None, 1),
        ("shop", "127.0.0.1", 1),
    ],
)
def test_the_port_of_prometheus_is_for_this_machine_alone(name: str, address: str, count: int):
    published = {"ports": [{"internal": 9464, "ip": address}]}
    assert len(violations(containers.published_port, container(name, **published))) == count


@pytest.mark.parametrize(("device", "count"), [("/var/run", 1), ("/srv/../run", 1), ("/srv", 0)])
def test_a_volume_is_not_the_folder_of_a_socket(device: str, count: int):
    options = {"type": "none", "o": "bind", "device": device}
    volume = Declared("docker:index/volume:Volume", "own", {"driverOpts": options})
    assert len(violations(containers.socket_mount, volume)) == count


@pytest.mark.parametrize(
    ("kind", "property_name"),
    [("image:Image", "imageName"), ("remoteImage:RemoteImage", "name"), ("tag:Tag", "targetImage")],
)
def test_images_themselves_are_named_by_content_too(kind: str, property_name: str):
    image = Declared(f"docker:index/{kind}", "own", {property_name: "own:latest"})
    assert len(violations(images.pinned_image, image)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "SECRET_KEY=changeme",
        "DB_PASSWORD=x",
        "API_KEY=1",
        "GITHUB_TOKEN=x",
        "DATABASE_URL=postgresql://shop:hunter2@db/shop",
        "A=-----BEGIN RSA PRIVATE KEY-----",
        "A=AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_a_secret_in_plain_text_is_known_by_name_or_form(line: str):
    [reason] = violations(plain_secrets.plain_secret, container(envs=[line]))
    assert "hunter2" not in reason
    assert "AKIA" not in reason


@pytest.mark.parametrize("length", [24, 32, 48])
@pytest.mark.parametrize("written", [base64.urlsafe_b64encode, bytes.hex])
def test_random_values_are_noticed(written: Any, length: int):
    chance = random.Random(length)
    texts = [written(chance.randbytes(length)) for _ in range(200)]
    values = [text if isinstance(text, str) else text.decode() for text in texts]
    noticed = [violations(plain_secrets.plain_secret, container(envs=[f"A={v}"])) for v in values]
    assert sum(map(bool, noticed)) >= 197


@pytest.mark.parametrize(
    "line",
    [
        "DATABASE_URL=sqlite:////data/flask.sqlite3",
        "DATABASE_URL=postgresql://shop@db/shop",
        "GUNICORN_CMD_ARGS=--bind unix:/run/webstack/3f9c2a71-0.sock --workers 2 --timeout 30",
        "ALLOWED_HOSTS=shop.example.com,www.shop.example.com,staging-2026.example.com",
        "DJANGO_SETTINGS_MODULE=website.settings",
        "SECRET_KEY_FILE=/run/secrets/key",
        "TOKEN_TTL=3600",
        "PASSWORD=",
        f"IMAGE=debian@sha256:{bytes(range(32)).hex()}",
        "MONKEY=banana",
        "SERVICE_NAME=my-service-name-2-production-eu-west",
        "COMPASS=north",
        "CIPHERS=ECDHE-RSA-AES128-GCM-SHA256:TLSv1.2+TLSv1.3",
        "ROLE=arn-aws-iam-123456789012-role-deploy",
        "ID=550e8400-e29b-41d4-a716-446655440000",
        "SENTRY_RELEASE=shop-2026-11-21-build-1842",
    ],
)
def test_ordinary_values_are_left_alone(line: str):
    assert violations(plain_secrets.plain_secret, container(envs=[line])) == []


def test_a_secret_that_is_one_is_left_alone_and_shown_nowhere():
    value = SecretText(f"SECRET_KEY={base64.b64encode(b'hush').decode()}")
    assert violations(plain_secrets.plain_secret, container(envs=[value])) == []
    assert f"{value}{value!r}" + str(value) == "[secret]" * 3


def service(name: str, number: int) -> Declared:
    return container(f"{name}-{number}", labels=[{"label": "webstack.service", "value": name}])


def test_a_service_of_one_container_is_named():
    resources = [service("one", 0), service("two", 0), service("two", 1)]
    assert violations(production.replicas, *resources) == ["is the only container of one"]


def test_a_volume_on_disk_is_protected():
    def volume(name: str = "data", protect: bool = False, **properties: Any) -> Declared:
        return Declared("docker:index/volume:Volume", name, properties, protect)

    assert violations(production.protected_data, volume()) == ["is not protected"]
    assert violations(production.protected_data, volume(protect=True)) == []
    assert violations(production.protected_data, volume(driverOpts={"type": "tmpfs"})) == []
    assert violations(production.protected_data, volume("proxy-static")) == []


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        (containers.published_port, "ports"),
        (containers.root_user, "user"),
        (containers.privileged, "privileged"),
        (containers.socket_mount, "volumes"),
        (containers.limits, "memory"),
        (containers.health_check, "healthcheck"),
        (images.pinned_image, "image"),
        (plain_secrets.plain_secret, "envs"),
    ],
)
def test_nothing_is_decided_on_what_is_not_known_yet(policy: Any, name: str):
    assert violations(policy, container(**{name: UNKNOWN})) == []


def test_an_unknown_item_does_not_hide_the_known_ones():
    envs = [UNKNOWN, "PASSWORD=hunter2", UNKNOWN]
    assert len(violations(plain_secrets.plain_secret, container(envs=envs))) == 1


@pytest.mark.parametrize("kind", ["webstack:service:WebService", "webstack:proxy:ReverseProxy"])
def test_directives_of_nginx_are_named_by_their_place(kind: str):
    def judged(**inputs: Any) -> list[str]:
        return violations(production.own_nginx, Declared(kind, "shop", inputs))

    words = {"server": "gzip off;", "location": " "}
    assert judged(nginx=words) == ["has directives of nginx of its own (server)"]
    assert judged(nginx={"server": "", "location": "\n"}) == []
    assert judged(path="/") == []
    assert violations(production.own_nginx, container(nginx=words)) == []
