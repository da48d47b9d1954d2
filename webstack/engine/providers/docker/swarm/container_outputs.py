"""Tells what Docker says of the containers of a service, in the program's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from webstack.contract.go_durations import format_duration
from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.schema.shapes import labels_from_docker


def container_seen(spec: Mapping[str, Any]) -> Properties:
    """Return the outputs below ``taskSpec.containerSpec``; those without a value are null."""
    env = dict(entry.split("=", 1) for entry in spec.get("Env") or () if "=" in entry)
    grace = spec.get("StopGracePeriod")
    dns = spec.get("DNSConfig") or {}
    return {
        "args": spec.get("Args") or None,
        "capAdds": spec.get("CapabilityAdd") or None,
        "capDrops": spec.get("CapabilityDrop") or None,
        "commands": spec.get("Command") or None,
        "configs": list(_files("Config", spec.get("Configs"))),
        "dir": spec.get("Dir", ""),
        "dnsConfig": {
            "nameservers": dns.get("Nameservers") or None,
            "options": dns.get("Options") or None,
            "searches": dns.get("Search") or None,
        },
        "env": env or None,
        "groups": spec.get("Groups") or None,
        "healthcheck": _health_check(spec.get("Healthcheck") or {}),
        "hostname": spec.get("Hostname", ""),
        "hosts": [
            {"host": host, "ip": ip}
            for ip, _, host in (line.partition(" ") for line in spec.get("Hosts") or ())
        ],
        "image": spec.get("Image", ""),
        "init": bool(spec.get("Init")),
        "isolation": spec.get("Isolation") or "default",
        "labels": labels_from_docker(spec.get("Labels")),
        "mounts": [_mount(mount) for mount in spec.get("Mounts") or ()],
        "privileges": _privileges(spec.get("Privileges")),
        "readOnly": bool(spec.get("ReadOnly")),
        "secrets": list(_files("Secret", spec.get("Secrets"))),
        "stopGracePeriod": "" if grace is None else format_duration(grace),
        "stopSignal": spec.get("StopSignal", ""),
        "sysctl": spec.get("Sysctls") or None,
        "user": spec.get("User", ""),
    }


def _health_check(check: Mapping[str, Any]) -> Properties:
    return {
        "interval": format_duration(check.get("Interval", 0)),
        "retries": check.get("Retries", 0),
        "startPeriod": format_duration(check.get("StartPeriod", 0)),
        "tests": check.get("Test") or [],
        "timeout": format_duration(check.get("Timeout", 0)),
    }


def _mount(mount: Mapping[str, Any]) -> Properties:
    bind, volume, memory = (
        mount.get(key) for key in ("BindOptions", "VolumeOptions", "TmpfsOptions")
    )
    return {
        "bindOptions": bind and {"propagation": bind.get("Propagation", "rprivate")},
        "readOnly": mount.get("ReadOnly"),
        "source": mount.get("Source", ""),
        "target": mount["Target"],
        "tmpfsOptions": memory
        and {"mode": memory.get("Mode", 0), "sizeBytes": memory.get("SizeBytes", 0)},
        "type": mount["Type"],
        "volumeOptions": None if volume is None else _volume(volume),
    }


def _volume(options: Mapping[str, Any]) -> Properties:
    driver = options.get("DriverConfig") or {}
    return {
        "driverName": driver.get("Name", ""),
        "driverOptions": driver.get("Options") or None,
        "labels": labels_from_docker(options.get("Labels")),
        "noCopy": options.get("NoCopy"),
    }


def _privileges(told: Mapping[str, Any] | None) -> Properties | None:
    if not told:
        return None
    credentials, linux = told.get("CredentialSpec"), told.get("SELinuxContext")
    return {
        "credentialSpec": credentials
        and {key: credentials.get(key.capitalize(), "") for key in ("file", "registry")},
        "seLinuxContext": linux
        and {
            "disable": bool(linux.get("Disable")),
            **{key: linux.get(key.capitalize(), "") for key in ("level", "role", "type", "user")},
        },
    }


def _files(kind: str, told: list[Mapping[str, Any]] | None) -> Iterator[Properties]:
    ours = kind.lower()
    for reference in told or ():
        file = reference.get("File") or {}
        yield {
            "fileGid": file.get("GID", ""),
            "fileMode": file.get("Mode", 0),
            "fileName": file.get("Name", ""),
            "fileUid": file.get("UID", ""),
            f"{ours}Id": reference[f"{kind}ID"],
            f"{ours}Name": reference.get(f"{kind}Name", ""),
        }
