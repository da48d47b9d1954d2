"""The container that counts requests and tells of alarms, as a value."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from infra.model.container_arguments import labelled
from infra.model.proxy_containers import PROXY_USER
from infra.model.specs import (
    Container,
    Health,
    Image,
    Mount,
    Network,
    Published,
    Stack,
    in_memory,
    named_network,
)
from infra.settings.observe import METRICS, Alarms, Observe
from infra.settings.sections import Settings
from infra.settings.types import Secret
from proxy import paths
from webstack.contract.container_paths import METRICS_SOCKET, TEMPORARY

STORE_DIRECTORY = "/var/lib/webstack/metrics"
VARIABLES = {
    "token": "METRICS_TOKEN",
    "alarms.webhook": "ALARM_WEBHOOK",
    "alarms.heartbeat": "ALARM_HEARTBEAT",
    "alarms.email.password": "ALARM_PASSWORD",
}
"""The variables by which it gets its secrets."""
PORT = 9464
_BOUNDS = ("errors", "p95", "span", "disk", "certificate")
# Twice what it takes, and a program that sends a message or asks it something.
_MEMORY = 64
_PIDS = 48
_WITHOUT_A_WAY_OUT = {"com.docker.network.bridge.enable_ip_masquerade": "false"}


@dataclass(frozen=True)
class Metrics:
    """It reads what nginx tells of requests and which release is in force.

    It is in no network, unless alarms go out or somebody scrapes it: then in one of its own.
    """

    image: Image
    container: Container
    network: Network | None = None


def metrics(stack: Stack, settings: Settings, image: Image) -> Metrics | None:
    """Give what counts the requests of a stack; None where it does not."""
    observe = settings.observed
    if observe is None:
        return None
    network, alarms = _network(stack, observe), observe.alarms
    published = (Published("127.0.0.1", observe.port, PORT),) if observe.port else ()
    made = Container(
        name=stack.named(METRICS),
        image=image.reference,
        # It clears what nginx has written.
        user=f"{PROXY_USER}:{PROXY_USER}",
        cpus=0.5,
        memory=_MEMORY,
        pids=_PIDS,
        grace=5,
        environment={"STACK": stack.named(), **_told(alarms)},
        secrets=secrets(observe),
        mounts=(
            Mount(paths.REQUESTS_DIRECTORY, volume=stack.volume("proxy", "requests")),
            Mount(paths.LINKS_DIRECTORY, volume=stack.volume("proxy", "links"), read_only=True),
            Mount(STORE_DIRECTORY, volume=stack.volume(METRICS, "store")),
            *_certificates(stack, settings),
        ),
        tmpfs={TEMPORARY: in_memory(PROXY_USER, 4)},
        networks=(network.name,) if network else (),
        published=published,
        health=Health(("CMD", "test", "-S", METRICS_SOCKET)),
        labels={**stack.labels, "webstack.role": METRICS},
    )
    # There is one store, so its name stays; its label makes a change a restart.
    return Metrics(image, labelled(made), network)


def goes_out(observe: Observe) -> bool:
    """Tell whether it sends messages, and needs a way out and certificate authorities for that."""
    return bool(observe.alarms.webhook or observe.alarms.email or observe.alarms.heartbeat)


def secrets(observe: Observe) -> dict[str, Secret]:
    """Give its secrets by the variables for them: addresses with a token in them, a password."""
    said = observe.settings.items()
    return {VARIABLES[key]: Secret(setting=setting) for key, setting in said}


def _network(stack: Stack, observe: Observe) -> Network | None:
    if goes_out(observe):
        return named_network(stack, Network(METRICS, "", False, "bridge", {}, stack.labels))
    if observe.port:
        options = _WITHOUT_A_WAY_OUT
        return named_network(stack, Network(METRICS, "", False, "bridge", options, stack.labels))
    return None


def _told(alarms: Alarms) -> dict[str, str]:
    """Give the bounds of alarms, and where they are mailed to."""
    said = {"ALARM_RULES": {name: getattr(alarms, name) for name in _BOUNDS}}
    if alarms.email:
        mail = msgspec.to_builtins(msgspec.structs.replace(alarms.email, password=None))
        said["ALARM_EMAIL"] = {name: each for name, each in mail.items() if each is not None}
    return {name: json.dumps(each) for name, each in said.items()}


def _certificates(stack: Stack, settings: Settings) -> tuple[Mount, ...]:
    """Give where it reads until when the certificate is good that the stack orders."""
    if settings.https is None or settings.https.mode != "acme":
        return ()
    volume = stack.volume("proxy", "certificates")
    return (Mount(paths.CERTIFICATES_DIRECTORY, volume=volume, read_only=True),)
