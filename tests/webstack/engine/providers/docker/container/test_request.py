from __future__ import annotations

from webstack.engine.providers.docker.container.container import ContainerResource
from webstack.engine.providers.docker.container.request import (
    connect_body,
    create_body,
    update_body,
)


def checked(**program):
    return ContainerResource().check("web", None, {"name": "web", "image": "demo", **program})


def test_asks_for_little_by_default():
    """Docker decides what the program leaves out, except for what the provider always says."""
    assert create_body(checked()) == {
        "Image": "demo",
        "Tty": False,
        "OpenStdin": False,
        "HostConfig": {
            "AutoRemove": False,
            "Init": False,
            "Memory": 0,
            "MemoryReservation": 0,
            "MemorySwap": 0,
            "NetworkMode": "bridge",
            "Privileged": False,
            "PublishAllPorts": False,
            "ReadonlyRootfs": False,
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
            "ShmSize": 0,
        },
    }


def test_asks_for_all_that_was_recorded(recorded):
    """Each property of the container with many of them arrives where Docker wants it."""
    program = recorded["full"]["inspect"]
    body = create_body(recorded["full"]["inputs"])
    host, wanted = body["HostConfig"], program["HostConfig"]

    same = {
        "CpuShares", "CpusetCpus", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "GroupAdd",
        "Init", "IpcMode", "LogConfig", "Memory", "MemoryReservation", "MemorySwap", "NanoCpus",
        "NetworkMode", "ReadonlyRootfs", "RestartPolicy", "ShmSize", "Sysctls", "Tmpfs",
    }  # fmt: skip
    assert {key: host[key] for key in same} == {key: wanted[key] for key in same}
    assert host["CapAdd"] == ["NET_BIND_SERVICE"]
    assert host["CapDrop"] == ["ALL"]
    assert host["Binds"] == ["demo-vol2:/v1:ro", "/usr/share:/v2:rw"]
    assert set(body["Volumes"]) == {"/v1", "/v2", "/anon"}
    assert host["PortBindings"] == {
        "9443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18443"}],
        "8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18480"}],
    }
    assert set(body["ExposedPorts"]) == {"9443/tcp", "8080/tcp"}
    assert body["Healthcheck"] == {
        "Test": ["CMD", "true"],
        "Interval": 90 * 10**9,
        "Timeout": 2 * 10**9,
        "StartPeriod": 60 * 10**9,
        "StartInterval": 0,
        "Retries": 3,
    }
    assert (body["StopSignal"], body["StopTimeout"]) == ("SIGQUIT", 7)


def test_mounts_carry_the_options_of_their_type():
    mounts = [
        {"type": "tmpfs", "target": "/a", "tmpfsOptions": {"sizeBytes": 5, "mode": 0o1777}},
        {"type": "bind", "target": "/b", "source": "/etc", "readOnly": True,
         "bindOptions": {"propagation": "rslave"}},
        {"type": "volume", "target": "/c", "source": "data",
         "volumeOptions": {"noCopy": True, "driverName": "local", "driverOptions": {"o": "uid=1"},
                           "labels": [{"label": "x", "value": "y"}], "subpath": "sub"}},
    ]  # fmt: skip

    assert create_body(checked(mounts=mounts))["HostConfig"]["Mounts"] == [
        {"Type": "tmpfs", "Target": "/a", "ReadOnly": False,
         "TmpfsOptions": {"SizeBytes": 5, "Mode": 0o1777}},
        {"Type": "bind", "Target": "/b", "Source": "/etc", "ReadOnly": True,
         "BindOptions": {"Propagation": "rslave"}},
        {"Type": "volume", "Target": "/c", "Source": "data", "ReadOnly": False,
         "VolumeOptions": {"NoCopy": True, "Labels": {"x": "y"}, "Subpath": "sub",
                           "DriverConfig": {"Name": "local", "Options": {"o": "uid=1"}}}},
    ]  # fmt: skip


def test_processor_share_has_precedence_over_period_and_quota():
    host = create_body(checked(cpus="0.05", cpuPeriod=1000, cpuQuota=500))["HostConfig"]

    assert host["NanoCpus"] == 50_000_000
    assert "CpuQuota" not in host


def test_unlimited_swap_is_no_number_of_mebibytes():
    assert create_body(checked(memory=64, memorySwap=-1))["HostConfig"]["MemorySwap"] == -1


def test_unconfined_paths_are_docker_clients_own_option():
    """The option becomes two empty lists, which mean: hide nothing."""
    host = create_body(checked(securityOpts=["systempaths=unconfined", "no-new-privileges"]))[
        "HostConfig"
    ]

    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (list(host["MaskedPaths"]), list(host["ReadonlyPaths"])) == ([], [])


def test_graphics_processors_by_number_or_all():
    everything = create_body(checked(gpus="all"))["HostConfig"]["DeviceRequests"]
    two = create_body(checked(gpus='"device=0,2"'))["HostConfig"]["DeviceRequests"]

    assert everything == [{"Count": -1, "Capabilities": [["gpu"]]}]
    assert two == [{"DeviceIDs": ["0", "2"], "Capabilities": [["gpu"]]}]


def test_a_network_is_joined_with_its_names_and_addresses():
    network = {"name": "net", "aliases": ["a"], "ipv4Address": "10.0.0.9", "driverOpts": ["x=1=2"]}

    assert connect_body("abc", network) == {
        "Container": "abc",
        "EndpointConfig": {
            "Aliases": ["a"],
            "IPAMConfig": {"IPv4Address": "10.0.0.9"},
            "DriverOpts": {"x": "1=2"},
        },
    }


def test_a_higher_memory_limit_takes_the_derived_swap_limit_along():
    """Docker would otherwise refuse it: the old derived limit is lower."""
    assert update_body(checked(memory=128))["MemorySwap"] == 256 * 2**20
    assert update_body(checked(memory=128, memorySwap=128))["MemorySwap"] == 128 * 2**20
