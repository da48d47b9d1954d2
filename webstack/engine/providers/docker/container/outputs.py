"""Builds a container's outputs from its inputs and from ``docker inspect``.

They are what the Pulumi provider stores, key by key, so that either finds nothing to change
after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from webstack.contract.go_durations import format_duration
from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.container.schema import CONTAINER
from webstack.engine.providers.docker.schema.shapes import MEBIBYTE, seen_as_spelt, stated

_CONFIG: Final = {
    "command": ("Cmd", []),
    "domainname": ("Domainname", ""),
    "entrypoints": ("Entrypoint", []),
    "hostname": ("Hostname", ""),
    "stdinOpen": ("OpenStdin", False),
    "stopSignal": ("StopSignal", ""),
    "stopTimeout": ("StopTimeout", 0),
    "tty": ("Tty", False),
    "user": ("User", ""),
    "workingDir": ("WorkingDir", ""),
}
_HOST: Final = {
    "dns": ("Dns", None),
    "dnsOpts": ("DnsOptions", None),
    "dnsSearches": ("DnsSearch", None),
    "groupAdds": ("GroupAdd", None),
    "init": ("Init", False),
    "privileged": ("Privileged", False),
    "publishAllPorts": ("PublishAllPorts", False),
    "readOnly": ("ReadonlyRootfs", False),
    "rm": ("AutoRemove", False),
    "runtime": ("Runtime", ""),
    "sysctls": ("Sysctls", None),
    "tmpfs": ("Tmpfs", None),
    "usernsMode": ("UsernsMode", ""),
}
_LIMITS: Final = {"cpuSet": ("CpusetCpus", ""), "cpuShares": ("CpuShares", 0)}
_SIZES: Final = {
    "memory": "Memory", "memoryReservation": "MemoryReservation", "shmSize": "ShmSize",
}  # fmt: skip
_THROTTLES: Final = {
    "deviceReadBps": "BlkioDeviceReadBps",
    "deviceReadIops": "BlkioDeviceReadIOps",
    "deviceWriteBps": "BlkioDeviceWriteBps",
    "deviceWriteIops": "BlkioDeviceWriteIOps",
}
_ENDPOINT: Final = {
    "gateway": ("Gateway", ""),
    "globalIpv6Address": ("GlobalIPv6Address", ""),
    "globalIpv6PrefixLength": ("GlobalIPv6PrefixLen", 0),
    "ipAddress": ("IPAddress", ""),
    "ipPrefixLength": ("IPPrefixLen", 0),
    "ipv6Gateway": ("IPv6Gateway", ""),
    "macAddress": ("MacAddress", ""),
}


def container_outputs(inputs: Properties, seen: Mapping[str, Any]) -> Properties:
    """Return all output keys of a container that exists.

    What Docker does not tell, or not in a form that can be turned back, repeats the inputs.
    """
    actual = {
        **_identity(seen["Config"]),
        **_limits(seen["HostConfig"]),
        **_isolation(inputs, seen["HostConfig"]),
        **_networking(inputs, seen),
        **_state(inputs, seen["State"]),
    }
    return {
        **unfinished_outputs(inputs, seen["Id"]),
        **seen_as_spelt(CONTAINER, inputs, actual),
        "name": seen["Name"].lstrip("/"),
        "image": seen["Image"]
        if inputs["image"].startswith("sha256:")
        else seen["Config"]["Image"],
        "platform": inputs.get("platform") or seen.get("Platform", ""),
        "memorySwap": _memory_swap(inputs, seen["HostConfig"]),
    }


def unfinished_outputs(inputs: Properties, id_: str) -> Properties:
    """Return the outputs of a container whose creation failed half way, from its inputs alone.

    The nulls, in particular of ``entrypoints``, make either engine replace it at the next run.
    """
    return {**stated(CONTAINER, inputs), "entrypoints": None, "id": id_}


def _taken(seen: Mapping[str, Any], keys: Mapping[str, tuple[str, Any]]) -> Properties:
    """Return the values that Docker reports. What this daemon leaves out counts as empty."""
    return {key: seen.get(theirs) or empty for key, (theirs, empty) in keys.items()}


def _identity(config: Mapping[str, Any]) -> Properties:
    return {**_taken(config, _CONFIG), "healthcheck": _health_check(config.get("Healthcheck"))}


def _health_check(check: Mapping[str, Any] | None) -> Properties | None:
    if not check:
        return None
    return {
        "interval": format_duration(check.get("Interval", 0)),
        "retries": check.get("Retries", 0),
        "startInterval": format_duration(check.get("StartInterval", 0)),
        "startPeriod": format_duration(check.get("StartPeriod", 0)),
        "tests": check.get("Test") or [],
        "timeout": format_duration(check.get("Timeout", 0)),
    }


def _limits(host: Mapping[str, Any]) -> Properties:
    cpus = {"cpus": f"{host['NanoCpus'] / 10**9:g}"} if host.get("NanoCpus") else {}
    policy = host.get("RestartPolicy") or {}
    return {
        **cpus,
        **_taken(host, _LIMITS),
        **{key: _throttles(host.get(theirs)) for key, theirs in _THROTTLES.items()},
        **{key: host.get(theirs, 0) // MEBIBYTE for key, theirs in _SIZES.items()},
        "maxRetryCount": policy.get("MaximumRetryCount", 0),
        "restart": policy.get("Name") or "no",
    }


def _throttles(limits: list[Mapping[str, Any]] | None) -> list[Properties]:
    return [{"path": limit["Path"], "rate": limit["Rate"]} for limit in limits or ()]


def _memory_swap(inputs: Properties, host: Mapping[str, Any]) -> int:
    """Return the limit that the program set, not the one that Docker derives from ``memory``.

    The provider stores the derived one as well, and then finds a change at every run.
    """
    limit: int = host.get("MemorySwap", 0)
    if "memorySwap" not in inputs and limit == 2 * host.get("Memory", 0):
        return 0
    return limit // MEBIBYTE if limit > 0 else limit


def _isolation(inputs: Properties, host: Mapping[str, Any]) -> Properties:
    added, dropped = host.get("CapAdd"), host.get("CapDrop")
    told = added or dropped or "capabilities" in inputs
    return {
        **_taken(host, _HOST),
        "capabilities": {"adds": added or [], "drops": dropped or []} if told else None,
        "hosts": list(_hosts(host.get("ExtraHosts"))),
        "logDriver": (host.get("LogConfig") or {}).get("Type", ""),
        "securityOpts": _security(host.get("SecurityOpt")),
    }


def _hosts(lines: list[str] | None) -> Iterator[Properties]:
    for line in lines or ():
        name, _, address = line.partition(":")
        yield {"host": name, "ip": address}


def _security(options: list[str] | None) -> list[str]:
    """Leave out the label that Docker adds by itself to containers that share a namespace."""
    return [option for option in options or () if option != "label=disable"]


def _networking(inputs: Properties, seen: Mapping[str, Any]) -> Properties:
    settings, host = seen.get("NetworkSettings") or {}, seen["HostConfig"]
    told = _reports_ports(inputs, seen)
    ports = {"ports": _ports(inputs["ports"], settings.get("Ports"))} if told else {}
    return {
        **ports,
        "bridge": settings.get("Bridge", ""),
        "ipcMode": _mode(inputs.get("ipcMode"), host.get("IpcMode", "")),
        "networkDatas": _addresses(settings.get("Networks") or {}),
        "networkMode": _mode(inputs.get("networkMode"), host["NetworkMode"]),
    }


def _reports_ports(inputs: Properties, seen: Mapping[str, Any]) -> bool:
    return bool(inputs.get("ports")) and seen["State"]["Running"]


def _mode(wanted: str | None, actual: str) -> str:
    """Keep a container's name where Docker has replaced it by the id."""
    both = (wanted or "").startswith("container:") and actual.startswith("container:")
    return wanted if both and wanted else actual


def _ports(
    wanted: list[Properties], published: Mapping[str, list[Mapping[str, str]] | None] | None
) -> list[Properties]:
    """Return the published ports, in the program's order: to the Pulumi provider it counts."""
    order = [(port["internal"], port["protocol"]) for port in wanted]
    ports = [
        {
            "external": int(binding["HostPort"]),
            "internal": int(key.partition("/")[0]),
            "ip": binding["HostIp"],
            "protocol": key.partition("/")[2],
        }
        for key, bindings in (published or {}).items()
        for binding in bindings or ()
    ]
    return sorted(ports, key=lambda port: _place(order, (port["internal"], port["protocol"])))


def _place(order: list[tuple[int, str]], port: tuple[int, str]) -> tuple[int, tuple[int, str]]:
    return (order.index(port) if port in order else len(order), port)


def _addresses(networks: Mapping[str, Mapping[str, Any]]) -> list[Properties]:
    return [
        {**_taken(endpoint, _ENDPOINT), "networkName": name}
        for name, endpoint in sorted(networks.items())
    ]


def _state(inputs: Properties, state: Mapping[str, Any]) -> Properties:
    running = state["Running"]
    return {
        "exitCode": None if running else state["ExitCode"],
        "mustRun": bool(inputs.get("mustRun")) and (running or not inputs.get("start")),
    }
