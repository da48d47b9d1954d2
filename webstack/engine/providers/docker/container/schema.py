"""Declares the properties of a container, as the Pulumi provider does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from webstack.contract.go_durations import same_duration
from webstack.engine.providers.docker.schema.rules import (
    at_least,
    base64_text,
    cpu_share,
    duration,
    environment_entry,
    matching,
    one_of,
)
from webstack.engine.providers.docker.schema.schema import (
    Property,
    Schema,
    flag,
    list_of,
    mapping,
    number,
    record,
    set_of,
    text,
)

LABELS: Final = record({"label": text(required=True), "value": text(required=True)})


def _capability(value: str) -> str:
    """Return ``CAP_NET_ADMIN`` for ``NET_ADMIN``: both are one, and Docker answers the former."""
    return value.upper().removeprefix("CAP_")


def _decimal(value: Any) -> Any:
    return Decimal(value)


def _duration() -> Property:
    return text(default="0s", rule=duration, normal=same_duration)


def _capabilities() -> Property:
    return set_of(text(normal=_capability))


def _limits() -> Property:
    """Describe limits per device."""
    limit = {"path": text(required=True), "rate": number(required=True, rule=at_least(0))}
    return set_of(record(limit))


_ABSOLUTE: Final = matching(r"([a-zA-Z]:[\\/]|/).*", "an absolute path")
_MOUNT: Final = {
    "target": text(required=True),
    "source": text(),
    "type": text(required=True, rule=one_of("bind", "volume", "tmpfs")),
    "readOnly": flag(),
    "bindOptions": record(
        {
            "propagation": text(
                rule=one_of("private", "rprivate", "shared", "rshared", "slave", "rslave")
            )
        }
    ),
    "volumeOptions": record(
        {
            "noCopy": flag(),
            "labels": set_of(LABELS),
            "driverName": text(),
            "driverOptions": mapping(),
            "subpath": text(replaces=True),
        }
    ),
    "tmpfsOptions": record({"sizeBytes": number(), "mode": number()}, replaces=True),
}
_VOLUME: Final = {
    "containerPath": text(),
    "fromContainer": text(),
    "hostPath": text(rule=_ABSOLUTE),
    "volumeName": text(),
    "readOnly": flag(),
    "selinuxRelabel": text(rule=one_of("z", "Z")),
}
_PORT: Final = {
    "internal": number(required=True),
    "external": number(computed=True),
    "ip": text(default="0.0.0.0", normal=lambda ip: ip or "0.0.0.0"),  # noqa: S104 - Docker's own
    "protocol": text(default="tcp"),
}
_NETWORK: Final = {
    "name": text(required=True),
    "aliases": set_of(text()),
    "ipv4Address": text(),
    "ipv6Address": text(),
    "linkLocalIps": set_of(text()),
    "macAddress": text(),
    "driverOpts": set_of(text()),
    "gwPriority": number(rule=at_least(0)),
}
_UPLOAD: Final = {
    "file": text(required=True),
    "content": text(),
    "contentBase64": text(rule=base64_text),
    "source": text(),
    "sourceHash": text(),
    "executable": flag(default=False),
    "permissions": text(rule=matching("0[0-7]{3}", "four octal digits such as 0640")),
    "owner": text(recent=True),
    "group": text(recent=True),
}
_HEALTH_CHECK: Final = {
    "tests": list_of(text(), computed=True),
    "interval": _duration(),
    "timeout": _duration(),
    "startPeriod": _duration(),
    "startInterval": _duration(),
    "retries": number(default=0, rule=at_least(0)),
}
_DEVICE: Final = {
    "hostPath": text(required=True),
    "containerPath": text(),
    "permissions": text(default="rwm"),
}
_DEVICE_REQUEST: Final = {
    "driver": text(default="cdi"),
    "count": number(),
    "deviceIds": set_of(text()),
    "capabilities": set_of(text()),
    "options": mapping(),
}
_ULIMIT: Final = {
    "name": text(required=True),
    "soft": number(required=True),
    "hard": number(required=True),
}

_IDENTITY: Final[Schema] = {
    "name": text(replaces=True),
    "image": text(required=True, replaces=True),
    "command": list_of(text(), computed=True, replaces=True, made=True),
    "entrypoints": list_of(text(), computed=True, replaces=True, made=True),
    "envs": set_of(text(rule=environment_entry), computed=True, replaces=True),
    "labels": set_of(LABELS, computed=True, replaces=True),
    "user": text(computed=True, replaces=True),
    "workingDir": text(computed=True, replaces=True),
    "hostname": text(computed=True, replaces=True),
    "domainname": text(replaces=True),
    "platform": text(computed=True, replaces=True),
    "runtime": text(computed=True, replaces=True),
    "tty": flag(default=False, replaces=True),
    "stdinOpen": flag(default=False, replaces=True),
    "stopSignal": text(computed=True, replaces=True),
    "stopTimeout": number(computed=True, replaces=True),
    "init": flag(computed=True),
    "healthcheck": record(_HEALTH_CHECK, computed=True),
}
_LIFE: Final[Schema] = {
    "attach": flag(default=False),
    "containerReadRefreshTimeoutMilliseconds": number(default=15000),
    "destroyGraceSeconds": number(),
    "logs": flag(default=False),
    "maxRetryCount": number(),
    "mustRun": flag(default=True),
    "removeVolumes": flag(default=True),
    "restart": text(default="no", rule=one_of("no", "on-failure", "always", "unless-stopped")),
    "rm": flag(default=False),
    "start": flag(default=True),
    "wait": flag(default=False),
    "waitTimeout": number(default=60),
}
_LIMITS: Final[Schema] = {
    "cpuPeriod": number(rule=at_least(0)),
    "cpuQuota": number(rule=at_least(0)),
    "cpuSet": text(rule=matching(r"\d+([,-]\d+)*", "processor numbers such as 0-2,4")),
    "cpuShares": number(rule=at_least(0)),
    "cpus": text(replaces=True, rule=cpu_share, normal=_decimal),
    "deviceReadBps": _limits(),
    "deviceReadIops": _limits(),
    "deviceWriteBps": _limits(),
    "deviceWriteIops": _limits(),
    "memory": number(rule=at_least(0)),
    "memoryReservation": number(default=0, rule=at_least(0)),
    "memorySwap": number(rule=at_least(-1), implied=True),
    "shmSize": number(computed=True, replaces=True, rule=at_least(0)),
    "ulimits": set_of(record(_ULIMIT), replaces=True),
}
_ISOLATION: Final[Schema] = {
    "capabilities": record({"adds": _capabilities(), "drops": _capabilities()}, replaces=True),
    "cgroupParent": text(replaces=True),
    "cgroupnsMode": text(replaces=True, rule=one_of("private", "host")),
    "deviceCgroupRules": set_of(text(), replaces=True, recent=True),
    "deviceRequests": set_of(record(_DEVICE_REQUEST), replaces=True),
    "devices": set_of(record(_DEVICE), replaces=True),
    "gpus": text(replaces=True),
    "groupAdds": set_of(text(), replaces=True),
    "ipcMode": text(computed=True, replaces=True),
    "pidMode": text(replaces=True),
    "privileged": flag(replaces=True),
    "readOnly": flag(default=False, replaces=True),
    "securityOpts": set_of(text(), computed=True, replaces=True),
    "sysctls": mapping(replaces=True),
    "usernsMode": text(replaces=True),
}
_FILES: Final[Schema] = {
    "logDriver": text(computed=True, replaces=True),
    "logOpts": mapping(replaces=True),
    "mounts": set_of(record(_MOUNT), replaces=True, lasting=True),
    "storageOpts": mapping(replaces=True),
    "tmpfs": mapping(),
    "uploads": set_of(record(_UPLOAD), replaces=True),
    "volumes": set_of(record(_VOLUME), replaces=True),
}
_NETWORKING: Final[Schema] = {
    "dns": set_of(text(), replaces=True),
    "dnsOpts": set_of(text(), replaces=True),
    "dnsSearches": set_of(text(), replaces=True),
    "hosts": set_of(
        record({"host": text(required=True), "ip": text(required=True)}), replaces=True
    ),
    "networkMode": text(default="bridge", replaces=True),
    "networksAdvanced": set_of(record(_NETWORK), replaces=True),
    "ports": set_of(record(_PORT), replaces=True, ordered=True),
    "publishAllPorts": flag(replaces=True),
}
_READ_ONLY: Final[Schema] = {
    "bridge": text(output=True),
    "containerLogs": text(output=True),
    "exitCode": number(output=True),
    "networkDatas": list_of(record({}), output=True, made=True),
}

CONTAINER: Final[Schema] = {
    **_IDENTITY, **_LIFE, **_LIMITS, **_ISOLATION, **_FILES, **_NETWORKING, **_READ_ONLY,
}  # fmt: skip
