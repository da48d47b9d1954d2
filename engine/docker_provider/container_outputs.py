"""A container's outputs, from its inputs and what ``docker inspect`` says of it.

They are what the Pulumi provider stores, key by key, so that either finds nothing to change
after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..provider import Properties
from .container_schema import CONTAINER
from .durations import format_duration
from .shapes import MEBIBYTE, seen_as_spelt, stated


def container_outputs(inputs: Properties, seen: Mapping[str, Any]) -> Properties:
    """Give all output keys of a container that exists.

    What Docker does not tell, or not in a form that can be turned back, repeats the inputs.
    """
    actual = {
        **_identity(seen["Config"]),
        **_limits(seen["HostConfig"]),
        **_isolation(seen["HostConfig"]),
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
        "platform": inputs.get("platform") or seen["Platform"],
        "memorySwap": _memory_swap(inputs, seen["HostConfig"]),
    }


def unfinished_outputs(inputs: Properties, id_: str) -> Properties:
    """Give the outputs of a container whose creation failed half way: nothing is read from it.

    The nulls, in particular of ``entrypoints``, make either engine replace it at the next run.
    """
    return {**stated(CONTAINER, inputs), "entrypoints": None, "id": id_}


def _identity(config: Mapping[str, Any]) -> Properties:
    return {
        "command": config["Cmd"] or [],
        "domainname": config["Domainname"],
        "entrypoints": config["Entrypoint"] or [],
        "healthcheck": _health_check(config.get("Healthcheck")),
        "hostname": config["Hostname"],
        "stdinOpen": config["OpenStdin"],
        "stopSignal": config.get("StopSignal", ""),
        "stopTimeout": config.get("StopTimeout") or 0,
        "tty": config["Tty"],
        "user": config["User"],
        "workingDir": config["WorkingDir"],
    }


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
    return {
        **cpus,
        **{f"device{key}": _throttles(host.get(f"BlkioDevice{docker}"))
           for key, docker in _THROTTLES.items()},
        "cpuSet": host["CpusetCpus"],
        "cpuShares": host["CpuShares"],
        "maxRetryCount": host["RestartPolicy"]["MaximumRetryCount"],
        "memory": host["Memory"] // MEBIBYTE,
        "memoryReservation": host["MemoryReservation"] // MEBIBYTE,
        "restart": host["RestartPolicy"]["Name"],
        "shmSize": host["ShmSize"] // MEBIBYTE,
    }  # fmt: skip


_THROTTLES: Mapping[str, str] = {
    "ReadBps": "ReadBps", "ReadIops": "ReadIOps", "WriteBps": "WriteBps", "WriteIops": "WriteIOps",
}  # fmt: skip


def _throttles(limits: list[Mapping[str, Any]] | None) -> list[Properties]:
    return [{"path": limit["Path"], "rate": limit["Rate"]} for limit in limits or ()]


def _memory_swap(inputs: Properties, host: Mapping[str, Any]) -> int:
    """Give the limit that the program set, not the one that Docker derives from ``memory``.

    The provider stores the derived one as well, and then finds a change at every run.
    """
    limit: int = host["MemorySwap"]
    if "memorySwap" not in inputs and limit == 2 * host["Memory"]:
        return 0
    return limit // MEBIBYTE if limit > 0 else limit


def _isolation(host: Mapping[str, Any]) -> Properties:
    added, dropped = host["CapAdd"] or [], host["CapDrop"] or []
    return {
        "capabilities": {"adds": added, "drops": dropped} if added or dropped else None,
        "dns": host["Dns"] or None,
        "dnsOpts": host["DnsOptions"] or None,
        "dnsSearches": host["DnsSearch"] or None,
        "groupAdds": host["GroupAdd"] or None,
        "hosts": list(_hosts(host["ExtraHosts"])),
        "init": bool(host.get("Init")),
        "logDriver": host["LogConfig"]["Type"],
        "privileged": host["Privileged"],
        "publishAllPorts": host["PublishAllPorts"],
        "readOnly": host["ReadonlyRootfs"],
        "rm": host["AutoRemove"],
        "runtime": host["Runtime"],
        "securityOpts": _security(host["SecurityOpt"]),
        "sysctls": host.get("Sysctls") or None,
        "tmpfs": host.get("Tmpfs") or None,
        "usernsMode": host["UsernsMode"],
    }


def _hosts(lines: list[str] | None) -> Iterator[Properties]:
    for line in lines or ():
        name, _, address = line.partition(":")
        yield {"host": name, "ip": address}


def _security(options: list[str] | None) -> list[str]:
    """Leave out the label that Docker adds by itself to containers that share a namespace."""
    return [option for option in options or () if option != "label=disable"]


def _networking(inputs: Properties, seen: Mapping[str, Any]) -> Properties:
    settings, host = seen["NetworkSettings"], seen["HostConfig"]
    ports = {"ports": _ports(settings.get("Ports"))} if _reports_ports(inputs, seen) else {}
    return {
        **ports,
        "bridge": settings.get("Bridge", ""),
        "ipcMode": _mode(inputs.get("ipcMode"), host["IpcMode"]),
        "networkDatas": _addresses(settings.get("Networks") or {}),
        "networkMode": _mode(inputs.get("networkMode"), host["NetworkMode"]),
    }


def _reports_ports(inputs: Properties, seen: Mapping[str, Any]) -> bool:
    return bool(inputs.get("ports")) and seen["State"]["Running"]


def _mode(wanted: str | None, actual: str) -> str:
    """Keep a container's name where Docker has replaced it by the id."""
    both = (wanted or "").startswith("container:") and actual.startswith("container:")
    return wanted if both and wanted else actual


def _ports(published: Mapping[str, list[Mapping[str, str]] | None] | None) -> list[Properties]:
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
    return sorted(ports, key=lambda port: (port["internal"], repr(port)))


def _addresses(networks: Mapping[str, Mapping[str, Any]]) -> list[Properties]:
    return [
        {
            "gateway": endpoint["Gateway"],
            "globalIpv6Address": endpoint["GlobalIPv6Address"],
            "globalIpv6PrefixLength": endpoint["GlobalIPv6PrefixLen"],
            "ipAddress": endpoint["IPAddress"],
            "ipPrefixLength": endpoint["IPPrefixLen"],
            "ipv6Gateway": endpoint["IPv6Gateway"],
            "macAddress": endpoint["MacAddress"],
            "networkName": name,
        }
        for name, endpoint in sorted(networks.items())
    ]


def _state(inputs: Properties, state: Mapping[str, Any]) -> Properties:
    running = state["Running"]
    return {
        "exitCode": None if running else state["ExitCode"],
        "mustRun": bool(inputs.get("mustRun")) and (running or not inputs.get("start")),
    }
