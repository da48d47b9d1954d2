"""Says what a container may not do, and what it must have."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from infra.policies import Declared, policy

METRICS = "metrics"
HOLDER = re.compile(r"proxy-holder-\d+")
_SOCKETS = (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
)
_UNCONFINED = ("seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined")


def _is_scraped(resource: Declared, port: Mapping[str, Any]) -> bool:
    """Tell whether it is the port for Prometheus, on this machine alone and behind a token."""
    return resource.name == METRICS and port.get("ip") == "127.0.0.1"


@policy(fix="make it a service, which the proxy publishes by path or host name")
def published_port(resource: Declared) -> Iterator[str]:
    """Only the proxy publishes ports of the host; that for Prometheus is for this machine."""
    if resource.kind != "Container" or _is_holder(resource):
        return
    for port in resource.known("ports"):
        if _is_scraped(resource, port):
            continue
        yield f"publishes its port {port['internal']} on the host"
    if resource.get("publishAllPorts"):
        yield "publishes all its ports on the host"
    if resource.get("networkMode") == "host":
        yield "is in the host's network, where all its ports are published"


@policy(fix="set user to the number of a user of its own, such as 20000:20000")
def root_user(resource: Declared) -> Iterator[str]:
    """No container runs as root."""
    if resource.kind != "Container":
        return
    user = resource.get("user")
    if not user:
        yield "names no user, and most images then run as root"
    elif user.partition(":")[0].lstrip("0") in ("", "root"):
        yield f"runs as root (user {user})"


@policy(fix="take privileged, devices and unconfined security options away")
def privileged(resource: Declared) -> Iterator[str]:
    """No container is privileged, has a device, or is freed of the kernel's filters."""
    if resource.kind != "Container":
        return
    if resource.get("privileged"):
        yield "is privileged, which is root on the host"
    for option in resource.known("securityOpts"):
        if option.replace(":", "=") in _UNCONFINED:
            yield f"has the security option {option}"
    for device in resource.known("devices"):
        yield f"has the device {device['hostPath']} of the host"


@policy(fix="take the host's namespaces away")
def host_namespace(resource: Declared) -> Iterator[str]:
    """No container shares the host's processes, users or memory."""
    if resource.kind != "Container":
        return
    for name in ("pidMode", "ipcMode", "usernsMode", "cgroupnsMode"):
        if resource.get(name) == "host":
            yield f"has {name} host"


@policy(fix="mount a volume, and leave the daemon's socket to the machine")
def socket_mount(resource: Declared) -> Iterator[str]:
    """No container gets the socket of a container daemon, nor a folder that holds it."""
    if resource.kind == "Volume":
        device = (resource.get("driverOpts") or {}).get("device")
        if device and _holds_a_socket(device):
            yield f"is {device} of the host, and who has the daemon's socket is root there"
    if resource.kind != "Container":
        return
    sources = [volume.get("hostPath") for volume in resource.known("volumes")]
    sources += [mount.get("source") for mount in resource.known("mounts")]
    for source in sources:
        if source and source.startswith("/") and _holds_a_socket(source):
            yield f"mounts {source}, and who has the daemon's socket is root on the host"


@policy(fix="drop ALL and add none; a port above 1023 needs no capability")
def added_capabilities(resource: Declared) -> Iterator[str]:
    """No container gets a capability beyond the daemon's own set."""
    if resource.kind == "Container":
        added = (resource.get("capabilities") or {}).get("adds") or ()
        if added:
            yield f"adds the capabilities {', '.join(added)}"


@policy(fix="set memory (MiB) and cpus")
def limits(resource: Declared) -> Iterator[str]:
    """Every container has limits of memory and CPU."""
    if resource.kind != "Container":
        return
    if not resource.get("memory"):
        yield "has no limit of memory"
    if not (float(resource.get("cpus") or 0) or resource.get("cpuQuota")):
        yield "has no limit of CPU"


@policy(fix="set healthcheck with the tests to run")
def health_check(resource: Declared) -> Iterator[str]:
    """Every container that is meant to run on says whether it is healthy, or its relay does."""
    if resource.kind != "Container" or resource.get("mustRun") is False:
        return
    if resource.labels.get("webstack.health") == "relay":
        return
    tests = (resource.get("healthcheck") or {}).get("tests") or ()
    if not tests or tests[0] == "NONE":
        yield "has no health check"


def _is_holder(resource: Declared) -> bool:
    named = HOLDER.fullmatch(resource.name) is not None
    return named and resource.labels.get("webstack.role") == "holder"


def _holds_a_socket(source: str) -> bool:
    path = PurePosixPath(posixpath.normpath(source))
    return path.name in ("docker.sock", "containerd.sock", "podman.sock") or any(
        path in PurePosixPath(socket).parents for socket in _SOCKETS
    )
