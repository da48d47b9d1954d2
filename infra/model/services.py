"""The containers of a service's release, made from its settings; pure, as the model is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

import proxy
from infra.images.content import digest
from infra.model import servers
from infra.model.container_arguments import content
from infra.model.roles import role_specs
from infra.model.specs import (
    SOCKETS_IN_SERVICE,
    STOP_MARGIN,
    Container,
    Health,
    Image,
    Mount,
    Replica,
    ServiceSpec,
    Stack,
    group_id,
    in_memory,
    networks,
    one_of,
)
from infra.model.stateful import shared_secret
from infra.model.supplies import supplies
from infra.settings.sections import Service, Settings
from infra.settings.users import user_id
from webstack.contract.container_paths import TEMPORARY
from webstack.contract.health_check import HealthCheck
from webstack.contract.variables import BREAKPOINT, DEBUGGER

_RELAY = (Path(proxy.__file__).parent / "relay.py").read_text()
_RELAY_MEMORY = 64
# One process, and the threads that the daemon starts a health check with.
_RELAY_PIDS = 32


def allowed_hosts(service: Service, settings: Settings) -> tuple[str, ...]:
    """Give the host names under which the proxy passes requests on to the service."""
    return (*(settings.hosts if service.path else ()), *service.hosts)


def as_frameworks_write(host: str) -> str:
    """Write a host as Django and Flask do: ``.example.com`` for all names below one."""
    return host.removeprefix("*")


def health_check(service: Service, settings: Settings) -> HealthCheck:
    """Give the health check of a service, with a host that the proxy would pass on to it."""
    said = HealthCheck.of(service.health)
    return msgspec.structs.replace(said, host=said.host or one_of(allowed_hosts(service, settings)))


def release(stack: Stack, settings: Settings, name: str, image: Image, python: str) -> ServiceSpec:
    """Give the release of one service with this image; ``python`` is the image of relays."""
    service = settings.services[name]
    template = _service_container(stack, settings, name, image)

    def replica(identity: str, number: int) -> Replica:
        made = _replica(stack, service, template, identity, number)
        if not service.port:
            return made
        return _with_relay(stack, made, service, python, _health(service, settings))

    identity = digest([content(each) for each in replica("", 0).containers])
    replicas = tuple(replica(identity, number) for number in range(service.replicas))
    roles = role_specs(stack, service, template)
    volumes = tuple(sorted(service.volumes))
    has_data = service.data is not None
    return ServiceSpec(name, identity, image, replicas, has_data, roles, volumes)


def _replica(
    stack: Stack, service: Service, template: Container, identity: str, number: int
) -> Replica:
    resource = f"{template.name}-{number}-{identity}"
    group = group_id(identity, number)
    socket = f"{identity}-{number}.{group}.sock"
    path = f"{SOCKETS_IN_SERVICE}/{socket}"
    if service.port:
        listening = {"PORT": str(service.port)}
        address = f"0.0.0.0:{service.port} --forwarded-allow-ips *"
    else:
        listening, address = {"WEBSTACK_SOCKET": path}, f"unix:{path}"
    container = replace(
        template,
        name=stack.named(resource),
        user=f"{user_id(template.name)}:{group}",
        groups=(str(user_id(template.name)),),
        command=servers.command(service, path),
        environment={
            **template.environment,
            **listening,
            "WEBSTACK_RELEASE": identity,
            "GUNICORN_CMD_ARGS": f"--bind {address} {template.environment['GUNICORN_CMD_ARGS']}",
        },
        labels={**template.labels, "webstack.release": identity},
    )
    return Replica(resource, container, socket)


def _with_relay(
    stack: Stack, replica: Replica, service: Service, python: str, health: Health
) -> Replica:
    """Add a relay that listens on the socket for a container that cannot do so itself."""
    served = replica.container
    _, internal = networks(stack)
    path = f"{SOCKETS_IN_SERVICE}/{replica.socket}"
    relay = Container(
        name=f"{served.name}-relay",
        image=python,
        user=served.user,
        groups=served.groups,
        cpus=served.cpus,
        memory=_RELAY_MEMORY,
        pids=_RELAY_PIDS,
        grace=served.grace,
        command=("python3", "-c", _RELAY, path, served.name, str(service.port)),
        environment={"WEBSTACK_SOCKET": path},
        mounts=(_sockets(stack, served.labels["webstack.service"]),),
        networks=(internal.name,),
        health=health,
        labels={
            **stack.labels,
            "webstack.role": "relay",
            "webstack.service": served.labels["webstack.service"],
            "webstack.release": served.labels["webstack.release"],
        },
    )
    return replace(replica, relay=relay)


def _service_container(stack: Stack, settings: Settings, name: str, image: Image) -> Container:
    service = settings.services[name]
    given = supplies(stack, settings, name)
    user = user_id(name)
    return Container(
        name=name,
        image=image.reference,
        user=f"{user}:{user}",
        cpus=service.cpus,
        memory=service.memory,
        pids=service.pids,
        grace=service.grace_time + STOP_MARGIN,
        environment={
            "WEBSTACK_SERVICE": name,
            "GUNICORN_CMD_ARGS": _gunicorn_arguments(service),
            "ENVIRONMENT": stack.environment,
            "DEBUG": "1" if settings.debug else "0",
            "ALLOWED_HOSTS": ",".join(
                as_frameworks_write(host) for host in allowed_hosts(service, settings)
            ),
            **({"HTTPS": "1"} if settings.https and settings.https.redirect else {}),
            "HOME": TEMPORARY,
            **({BREAKPOINT: DEBUGGER} if _is_for_development(stack, settings) else {}),
            **({"WEBSTACK_RELOAD": service.reload} if service.reload else {}),
            **given.environment,
            **service.environment,
        },
        secrets={
            **given.secrets,
            **{
                variable: shared_secret(settings, secret)
                for variable, secret in service.secret_environment.items()
            },
        },
        mounts=(*_mounts(stack, service, name), *given.mounts),
        tmpfs=_tmpfs(service, user),
        networks=(*_networks(stack, service), *given.networks),
        health=None if service.port else _health(service, settings),
        labels={
            **stack.labels,
            "webstack.role": "service",
            "webstack.service": name,
            # It may have no Python to ask itself with.
            **({"webstack.health": "relay"} if service.port else {}),
        },
    )


def _is_for_development(stack: Stack, settings: Settings) -> bool:
    return settings.debug and stack.environment == "dev"


def _mounts(stack: Stack, service: Service, name: str) -> tuple[Mount, ...]:
    mounts = [] if service.port else [_sockets(stack, name)]
    for volume, folder in sorted(service.kept_folders.items()):
        mounts.append(Mount(folder, volume=stack.volume(name, volume)))
    if service.reload:
        mounts.append(
            Mount(service.reload, folder=f"{stack.root}/{service.source}", read_only=True)
        )
    return tuple(mounts)


def _networks(stack: Stack, service: Service) -> tuple[str, ...]:
    """Give its networks; none for one that listens on its socket alone and needs nothing."""
    edge, internal = networks(stack)
    inside = (internal.name,) if service.port else ()
    return (*inside, edge.name) if service.outbound else inside


def _sockets(stack: Stack, name: str) -> Mount:
    return Mount(SOCKETS_IN_SERVICE, volume=stack.volume(name, "sockets"))


def _tmpfs(service: Service, user: int) -> dict[str, str]:
    sizes = {TEMPORARY: 64, **service.writable}
    return {folder: in_memory(user, size) for folder, size in sizes.items()}


def _gunicorn_arguments(service: Service) -> str:
    arguments = [
        f"--workers {service.worker_count} --threads {service.threads}",
        f"--timeout {service.timeout} --graceful-timeout {service.grace_time}",
    ]
    return " ".join(arguments)


def _health(service: Service, settings: Settings) -> Health:
    check = health_check(service, settings)
    # Docker counts the start of the process, too.
    return Health(
        _health_test(check), timeout=check.timeout + 1, start_period=service.start_timeout
    )


def _health_test(check: HealthCheck) -> tuple[str, ...]:
    """Ask the service itself; exit 1 unless its answer is accepted.

    Without packages of the image and a client for HTTP, Python starts in half the time.
    """
    forwarded = "" if check.scheme == "http" else f"X-Forwarded-Proto: {check.scheme}\r\n"
    request = f"GET {check.path} HTTP/1.0\r\nHost: {check.host}\r\n{forwarded}\r\n".encode()
    code = (
        f"import os,socket;s=socket.socket(socket.AF_UNIX);s.settimeout({check.timeout});"
        f"s.connect(os.environ['WEBSTACK_SOCKET']);s.sendall({request!r});"
        "c=s.makefile('rb').readline(12)[9:12];"
        f"raise SystemExit(not any(a<=c<=b for a,b in {_spans(check)!r}))"
    )
    return ("CMD", "python3", "-IS", "-c", code)


def _spans(check: HealthCheck) -> tuple[tuple[bytes, bytes], ...]:
    """Write the accepted statuses as in an answer: of three digits, so their order is kept."""
    return tuple((b"%d" % low, b"%d" % high) for low, high in check.ranges)
