"""Declares the properties of a service's tasks, as the Pulumi provider does."""

from __future__ import annotations

from typing import Any, Final

from webstack.contract.go_durations import same_duration
from webstack.engine.providers.docker.container.schema import LABELS
from webstack.engine.providers.docker.schema.rules import at_least, duration, matching, one_of
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


def _span(value: Any) -> Any:
    """Return a duration's length; an empty text is none, as Docker takes it."""
    return same_duration(value or "0s")


def span(**options: Any) -> Property:
    """Describe a duration."""
    return text(rule=duration, normal=_span, **options)


_NAMED: Final = matching(r"[^=]+=[^=]+", "a kind and a value such as gpu=2")


def _file(kind: str) -> Property:
    """Describe a secret or a configuration that stands in the container as a file."""
    return record(
        {
            f"{kind}Id": text(required=True),
            f"{kind}Name": text(),
            "fileName": text(required=True),
            "fileUid": text(default="0"),
            "fileGid": text(default="0"),
            "fileMode": number(default=0o444, rule=at_least(0)),
        }
    )


_MOUNT: Final[Schema] = {
    "target": text(required=True),
    "source": text(),
    "type": text(required=True, rule=one_of("bind", "volume", "tmpfs")),
    "readOnly": flag(),
    "bindOptions": record(
        {
            "propagation": text(
                default="rprivate",
                rule=one_of("private", "rprivate", "shared", "rshared", "slave", "rslave"),
            )
        }
    ),
    "volumeOptions": record(
        {
            "noCopy": flag(),
            "labels": set_of(LABELS, replaces=True),
            "driverName": text(),
            "driverOptions": mapping(),
        }
    ),
    "tmpfsOptions": record({"sizeBytes": number(), "mode": number()}),
}
_HEALTH_CHECK: Final[Schema] = {
    "tests": list_of(text()),
    "interval": span(default="0s"),
    "timeout": span(default="0s"),
    "startPeriod": span(default="0s"),
    "retries": number(rule=at_least(0)),
}
_DNS: Final[Schema] = {
    "nameservers": list_of(text(), required=True),
    "searches": list_of(text()),
    "options": list_of(text()),
}
_PRIVILEGES: Final[Schema] = {
    "credentialSpec": record({"file": text(), "registry": text()}),
    "seLinuxContext": record(
        {"disable": flag(), "user": text(), "role": text(), "type": text(), "level": text()}
    ),
}
_CONTAINER: Final[Schema] = {
    "image": text(required=True),
    "labels": set_of(LABELS, replaces=True),
    "commands": list_of(text()),
    "args": list_of(text()),
    "hostname": text(),
    "env": mapping(),
    "dir": text(),
    "user": text(),
    "groups": list_of(text()),
    "privileges": record(_PRIVILEGES),
    "readOnly": flag(),
    "mounts": set_of(record(_MOUNT)),
    "stopSignal": text(),
    "stopGracePeriod": span(computed=True),
    "healthcheck": record(_HEALTH_CHECK, computed=True),
    "hosts": set_of(
        record({"host": text(required=True), "ip": text(required=True)}), replaces=True
    ),
    "dnsConfig": record(_DNS, computed=True),
    "secrets": set_of(_file("secret")),
    "configs": set_of(_file("config")),
    "isolation": text(default="default", rule=one_of("default", "process", "hyperv")),
    "sysctl": mapping(replaces=True),
    "capAdds": list_of(text()),
    "capDrops": list_of(text()),
    "init": flag(computed=True),
}
_GENERIC: Final[Schema] = {
    "namedResourcesSpecs": set_of(text(rule=_NAMED)),
    "discreteResourcesSpecs": set_of(text(rule=_NAMED)),
}
_LIMITS: Final[Schema] = {"nanoCpus": number(), "memoryBytes": number()}
_RESOURCES: Final[Schema] = {
    "limits": record(_LIMITS),
    "reservation": record({**_LIMITS, "genericResources": record(_GENERIC)}),
}
_RESTART: Final[Schema] = {
    "condition": text(rule=one_of("none", "on-failure", "any")),
    "delay": span(unset="0s"),
    "maxAttempts": number(rule=at_least(0)),
    "window": span(unset="0s"),
}
_PLATFORM: Final[Schema] = {"architecture": text(required=True), "os": text(required=True)}
_PLACEMENT: Final[Schema] = {
    "constraints": set_of(text()),
    "prefs": set_of(text()),
    "maxReplicas": number(rule=at_least(0)),
    "platforms": set_of(record(_PLATFORM)),
}
_NETWORK: Final[Schema] = {
    "name": text(),
    "id": text(),
    "aliases": set_of(text()),
    "driverOpts": set_of(text(rule=_NAMED)),
}

TASK: Final[Schema] = {
    "containerSpec": record(_CONTAINER, required=True),
    "resources": record(_RESOURCES, computed=True),
    "restartPolicy": record(_RESTART, computed=True),
    "placement": record(_PLACEMENT, computed=True),
    "forceUpdate": number(computed=True, rule=at_least(0)),
    "runtime": text(computed=True, rule=one_of("container", "plugin")),
    "networksAdvanceds": set_of(record(_NETWORK), replaces=True),
    "logDriver": record({"name": text(required=True), "options": mapping()}),
}
