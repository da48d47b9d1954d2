"""Builds the container's part of a service's specification.

What the program leaves out is written as the Pulumi provider writes it: a difference in nothing
but its spelling would make Docker start every task anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from webstack.contract.go_durations import parse_duration
from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.schema.shapes import labels_to_docker, without_empty

_TAKEN: Final = {
    "image": "Image",
    "commands": "Command",
    "args": "Args",
    "hostname": "Hostname",
    "dir": "Dir",
    "user": "User",
    "groups": "Groups",
    "readOnly": "ReadOnly",
    "stopSignal": "StopSignal",
    "isolation": "Isolation",
    "sysctl": "Sysctls",
    "capAdds": "CapabilityAdd",
    "capDrops": "CapabilityDrop",
}


def container_body(given: Properties) -> dict[str, Any]:
    """Return Docker's ``ContainerSpec``. Variables are sorted by name."""
    env = given.get("env") or {}
    taken = {theirs: given.get(ours) for ours, theirs in _TAKEN.items()}
    body = {
        **taken,
        "Labels": labels_to_docker(given.get("labels")),
        "Env": [f"{key}={value}" for key, value in sorted(env.items())],
        "Privileges": _privileges(given.get("privileges") or {}),
        "Mounts": [_mount(mount) for mount in given.get("mounts") or ()],
        "Hosts": [f"{host['ip']} {host['host']}" for host in given.get("hosts") or ()],
        "Secrets": list(_files("secret", given.get("secrets"))),
        "Configs": list(_files("config", given.get("configs"))),
    }
    return {
        **without_empty(body),
        "Init": bool(given.get("init")),
        "StopGracePeriod": nanoseconds(given.get("stopGracePeriod")),
        "Healthcheck": _health_check(given.get("healthcheck")),
        "DNSConfig": _dns(given.get("dnsConfig") or {}),
    }


def nanoseconds(text: str | None) -> int:
    """Return a duration as Docker takes it; one that is left out is zero."""
    return parse_duration(text or "0s") or 0


def _health_check(check: Mapping[str, Any] | None) -> dict[str, Any]:
    if check is None:
        return {}
    told = {
        "Interval": nanoseconds(check.get("interval")),
        "Timeout": nanoseconds(check.get("timeout")),
        "StartPeriod": nanoseconds(check.get("startPeriod")),
        "Retries": check.get("retries") or 0,
    }
    given = {key: value for key, value in told.items() if value}
    return {"Test": check.get("tests") or [], **given}


def _dns(given: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(
        {
            "Nameservers": given.get("nameservers"),
            "Search": given.get("searches"),
            "Options": given.get("options"),
        }
    )


def _privileges(given: Mapping[str, Any]) -> dict[str, Any]:
    credentials, linux = given.get("credentialSpec"), given.get("seLinuxContext")
    return without_empty(
        {
            "CredentialSpec": _capitalised(credentials),
            "SELinuxContext": _capitalised(linux),
        }
    )


def _capitalised(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        key.capitalize(): value
        for key, value in (given or {}).items()
        if value is not None and not key.startswith("__")
    }


def _mount(given: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Type": given["type"],
        "Source": given.get("source"),
        "Target": given["target"],
        "ReadOnly": given.get("readOnly") or None,
    }
    bind, volume, memory = (
        given.get(key) for key in ("bindOptions", "volumeOptions", "tmpfsOptions")
    )
    if bind is not None:
        body["BindOptions"] = without_empty({"Propagation": bind.get("propagation")})
    if volume is not None:
        body["VolumeOptions"] = _volume_options(volume)
    if memory is not None:
        told = {"SizeBytes": memory.get("sizeBytes") or None, "Mode": memory.get("mode") or None}
        body["TmpfsOptions"] = without_empty(told)
    options = {key for key in body if key.endswith("Options")}
    return {**without_empty(body), **{key: body[key] for key in options}}


def _volume_options(given: Mapping[str, Any]) -> dict[str, Any]:
    driver = {"Name": given.get("driverName"), "Options": given.get("driverOptions")}
    told = {
        "NoCopy": given.get("noCopy") or None,
        "Labels": labels_to_docker(given.get("labels")),
    }
    return {**without_empty(told), "DriverConfig": without_empty(driver)}


def _files(kind: str, given: list[Properties] | None) -> Iterator[dict[str, Any]]:
    for file in given or ():
        yield {
            "File": {
                "Name": file["fileName"],
                "UID": file["fileUid"],
                "GID": file["fileGid"],
                "Mode": file["fileMode"],
            },
            f"{kind.capitalize()}ID": file[f"{kind}Id"],
            f"{kind.capitalize()}Name": file[f"{kind}Name"],
        }
