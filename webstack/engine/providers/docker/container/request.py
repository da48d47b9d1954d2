"""Builds the request bodies for a container: create, connect and update."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from webstack.contract.go_durations import parse_duration
from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.schema.shapes import MEBIBYTE, labels_to_docker, without_empty

_UNCONFINED: Final = "systempaths=unconfined"


def create_body(inputs: Properties) -> dict[str, Any]:
    """Return the body of ``POST /containers/create``."""
    health = inputs.get("healthcheck")
    config = {
        "Image": inputs["image"],
        "Cmd": inputs.get("command"),
        "Entrypoint": inputs.get("entrypoints"),
        "Env": inputs.get("envs"),
        "Labels": labels_to_docker(inputs.get("labels")),
        "User": inputs.get("user"),
        "WorkingDir": inputs.get("workingDir"),
        "Hostname": inputs.get("hostname"),
        "Domainname": inputs.get("domainname"),
        "Tty": inputs.get("tty", False),
        "OpenStdin": inputs.get("stdinOpen", False),
        "StopSignal": inputs.get("stopSignal"),
        "StopTimeout": inputs.get("stopTimeout"),
        "Healthcheck": _health_check(health) if health else None,
        "ExposedPorts": {_port_key(port): {} for port in inputs.get("ports", ())},
        "Volumes": {
            volume["containerPath"]: {}
            for volume in inputs.get("volumes", ())
            if volume.get("containerPath")
        },
    }
    return {**without_empty(config), "HostConfig": without_empty(_host_config(inputs))}


def _health_check(check: Properties) -> dict[str, Any]:
    return {
        "Test": check.get("tests") or [],
        "Interval": parse_duration(check["interval"]),
        "Timeout": parse_duration(check["timeout"]),
        "StartPeriod": parse_duration(check["startPeriod"]),
        "StartInterval": parse_duration(check["startInterval"]),
        "Retries": check.get("retries", 0),
    }


def _port_key(port: Properties) -> str:
    return f"{port['internal']}/{port['protocol']}"


def _host_config(inputs: Properties) -> dict[str, Any]:
    return {
        **_limits(inputs),
        **_isolation(inputs),
        **_files(inputs),
        "AutoRemove": inputs.get("rm", False),
        "Dns": inputs.get("dns"),
        "DnsOptions": inputs.get("dnsOpts"),
        "DnsSearch": inputs.get("dnsSearches"),
        "ExtraHosts": [f"{host['host']}:{host['ip']}" for host in inputs.get("hosts", ())],
        "NetworkMode": inputs["networkMode"],
        "PortBindings": _port_bindings(inputs),
        "PublishAllPorts": inputs.get("publishAllPorts", False),
        "LogConfig": without_empty(
            {"Type": inputs.get("logDriver"), "Config": inputs.get("logOpts")}
        ),
    }


def update_body(inputs: Properties) -> dict[str, Any]:
    """Return the body of ``POST /containers/{id}/update``."""
    limits = _limits(inputs)
    if limits["Memory"] and not limits["MemorySwap"]:
        # As Docker derives it on creation; the old limit would stand in the way of a higher one.
        limits["MemorySwap"] = 2 * limits["Memory"]
    return without_empty(limits)


def _limits(inputs: Properties) -> dict[str, Any]:
    cpus = inputs.get("cpus")
    quota = {"NanoCpus": int(Decimal(cpus) * 10**9)} if cpus else {
        "CpuPeriod": inputs.get("cpuPeriod"), "CpuQuota": inputs.get("cpuQuota"),
    }  # fmt: skip
    return {
        **quota,
        "CpuShares": inputs.get("cpuShares"),
        "CpusetCpus": inputs.get("cpuSet"),
        "Memory": inputs.get("memory", 0) * MEBIBYTE,
        "MemoryReservation": inputs.get("memoryReservation", 0) * MEBIBYTE,
        "MemorySwap": _swap(inputs.get("memorySwap", 0)),
        "BlkioDeviceReadBps": _throttles(inputs, "deviceReadBps"),
        "BlkioDeviceReadIOps": _throttles(inputs, "deviceReadIops"),
        "BlkioDeviceWriteBps": _throttles(inputs, "deviceWriteBps"),
        "BlkioDeviceWriteIOps": _throttles(inputs, "deviceWriteIops"),
        "RestartPolicy": {
            "Name": inputs.get("restart", "no"),
            "MaximumRetryCount": inputs.get("maxRetryCount", 0),
        },
    }


def _swap(mebibytes: int) -> int:
    return mebibytes * MEBIBYTE if mebibytes > 0 else mebibytes


def _throttles(inputs: Properties, key: str) -> list[dict[str, Any]]:
    return [{"Path": limit["path"], "Rate": limit["rate"]} for limit in inputs.get(key, ())]


def _isolation(inputs: Properties) -> dict[str, Any]:
    capabilities = inputs.get("capabilities") or {}
    options = inputs.get("securityOpts", ())
    return {
        "CapAdd": capabilities.get("adds"),
        "CapDrop": capabilities.get("drops"),
        "CgroupParent": inputs.get("cgroupParent"),
        "CgroupnsMode": inputs.get("cgroupnsMode"),
        "DeviceCgroupRules": inputs.get("deviceCgroupRules"),
        "DeviceRequests": _device_requests(inputs),
        "Devices": [_device(device) for device in inputs.get("devices", ())],
        "GroupAdd": inputs.get("groupAdds"),
        "Init": inputs.get("init", False),
        "IpcMode": inputs.get("ipcMode"),
        "PidMode": inputs.get("pidMode"),
        "Privileged": inputs.get("privileged", False),
        "ReadonlyRootfs": inputs.get("readOnly", False),
        "Runtime": inputs.get("runtime"),
        "SecurityOpt": [option for option in options if option != _UNCONFINED],
        "Sysctls": inputs.get("sysctls"),
        "Ulimits": [
            {"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]}
            for limit in inputs.get("ulimits", ())
        ],
        "UsernsMode": inputs.get("usernsMode"),
        # An empty list here means something: no path is hidden or read-only.
        **({"MaskedPaths": (), "ReadonlyPaths": ()} if _UNCONFINED in options else {}),
    }


def _device(device: Properties) -> dict[str, Any]:
    return {
        "PathOnHost": device["hostPath"],
        "PathInContainer": device.get("containerPath") or device["hostPath"],
        "CgroupPermissions": device["permissions"],
    }


def _device_requests(inputs: Properties) -> list[dict[str, Any]]:
    if inputs.get("gpus"):
        return [_gpus(inputs["gpus"].strip().strip("\"'"))]
    return [
        {
            "Driver": request.get("driver", ""),
            "Count": request.get("count", 0),
            "DeviceIDs": request.get("deviceIds", []),
            "Capabilities": [request.get("capabilities", [])],
            "Options": request.get("options", {}),
        }
        for request in inputs.get("deviceRequests", ())
    ]


def _gpus(wanted: str) -> dict[str, Any]:
    if wanted == "all":
        return {"Count": -1, "Capabilities": [["gpu"]]}
    devices = wanted.removeprefix("device=").split(",")
    return {"DeviceIDs": devices, "Capabilities": [["gpu"]]}


def _port_bindings(inputs: Properties) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in inputs.get("ports", ()):
        binding = {"HostIp": port["ip"], "HostPort": str(port.get("external", 0))}
        bindings.setdefault(_port_key(port), []).append(binding)
    return bindings


def _files(inputs: Properties) -> dict[str, Any]:
    volumes = inputs.get("volumes", ())
    return {
        "Binds": [bind for bind in map(_bind, volumes) if bind],
        "Mounts": [_mount(mount) for mount in inputs.get("mounts", ())],
        "ShmSize": inputs.get("shmSize", 0) * MEBIBYTE,
        "StorageOpt": inputs.get("storageOpts"),
        "Tmpfs": inputs.get("tmpfs"),
        "VolumesFrom": [
            volume["fromContainer"] for volume in volumes if volume.get("fromContainer")
        ],
    }


def _bind(volume: Properties) -> str | None:
    path, source = volume.get("containerPath"), volume.get("hostPath") or volume.get("volumeName")
    if not source or not path:
        return None
    mode = "ro" if volume.get("readOnly") else "rw"
    relabel = f",{volume['selinuxRelabel']}" if volume.get("selinuxRelabel") else ""
    return f"{source}:{path}:{mode}{relabel}"


def _mount(mount: Properties) -> dict[str, Any]:
    options = {"bind": _bind_options, "volume": _volume_options, "tmpfs": _tmpfs_options}
    return without_empty(
        {
            "Type": mount["type"],
            "Source": mount.get("source"),
            "Target": mount["target"],
            "ReadOnly": mount.get("readOnly", False),
            **options[mount["type"]](mount),
        }
    )


def _bind_options(mount: Properties) -> dict[str, Any]:
    given = mount.get("bindOptions") or {}
    return {"BindOptions": without_empty({"Propagation": given.get("propagation")})}


def _volume_options(mount: Properties) -> dict[str, Any]:
    given: Mapping[str, Any] = mount.get("volumeOptions") or {}
    driver = {"Name": given.get("driverName"), "Options": given.get("driverOptions")}
    options = {
        "NoCopy": given.get("noCopy"),
        "Labels": labels_to_docker(given.get("labels")),
        "DriverConfig": without_empty(driver),
        "Subpath": given.get("subpath"),
    }
    return {"VolumeOptions": without_empty(options)}


def _tmpfs_options(mount: Properties) -> dict[str, Any]:
    given = mount.get("tmpfsOptions") or {}
    options = {"SizeBytes": given.get("sizeBytes"), "Mode": given.get("mode")}
    return {"TmpfsOptions": without_empty(options)}


def connect_body(container_id: str, network: Properties) -> dict[str, Any]:
    """Return the body of ``POST /networks/{name}/connect``."""
    addresses = {
        "IPv4Address": network.get("ipv4Address"),
        "IPv6Address": network.get("ipv6Address"),
        "LinkLocalIPs": network.get("linkLocalIps"),
    }
    endpoint = {
        "Aliases": network.get("aliases"),
        "IPAMConfig": without_empty(addresses),
        "MacAddress": network.get("macAddress"),
        "DriverOpts": dict(
            option.split("=", 1) for option in network.get("driverOpts", ()) if "=" in option
        ),
        "GwPriority": network.get("gwPriority"),
    }
    return {"Container": container_id, "EndpointConfig": without_empty(endpoint)}
