"""Describes a container in words: what it runs, from what, within which limits, with what."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from webstack.cli.daemon.containers import MEBIBYTE

Inspected = Mapping[str, Any]
_WIDTH = 200
"""Characters that are shown of a command: some are whole programs."""


def described(found: Inspected) -> dict[str, list[str]]:
    """Give the lines that say how a container is, by what they are about."""
    return {
        "command": [_command(found)],
        "user": [_user(found)],
        "limits": [_limits(found)],
        "rights": [_rights(found)],
        "networks": _networks(found),
        "mounts": [*_mounts(found)],
        "variables": [_variables(found)],
        "health": [_health(found)],
    }


def state(found: Inspected) -> str:
    """Say whether it runs, how healthy it is, since when, and how often it was restarted."""
    now, restarts = found["State"], int(found.get("RestartCount") or 0)
    health = (now.get("Health") or {}).get("Status")
    words = [str(now["Status"]), *([str(health)] if health and health != "none" else [])]
    if now.get("Running"):
        words.append(f"since {str(now['StartedAt'])[:19]}Z")
    elif now["Status"] != "created":
        words.append(f"exit code {now.get('ExitCode')}")
    return ", ".join([*words, *([f"restarted {restarts} times"] if restarts else [])])


def _command(found: Inspected) -> str:
    words = [str(found.get("Path") or ""), *map(str, found.get("Args") or ())]
    said = shlex.join(word for word in words if word)
    return f"{said[:_WIDTH]}…" if len(said) > _WIDTH else said


def _user(found: Inspected) -> str:
    user = str(found["Config"].get("User") or "") or "root"
    groups = ", ".join(map(str, found["HostConfig"].get("GroupAdd") or ()))
    return f"{user}{f' and the groups {groups}' if groups else ''}"


def _limits(found: Inspected) -> str:
    host = found["HostConfig"]
    cpus, memory = (host.get("NanoCpus") or 0) / 1e9, host.get("Memory") or 0
    swap, processes = (host.get("MemorySwap") or 0) - memory, host.get("PidsLimit") or 0
    stop = (found["Config"] or {}).get("StopTimeout")
    return ", ".join(
        [
            f"{cpus:g} CPU" if cpus else "no limit of CPU",
            f"{memory / MEBIBYTE:.0f} MiB of memory" if memory else "no limit of memory",
            *(["no swap"] if memory and swap == 0 else []),
            f"{processes} processes" if processes > 0 else "no limit of processes",
            *([f"{stop} s to stop"] if stop else []),
        ]
    )


def _rights(found: Inspected) -> str:
    host = found["HostConfig"]
    dropped, added = host.get("CapDrop") or (), host.get("CapAdd") or ()
    kept = "no capability" if "ALL" in dropped else "Docker's own capabilities"
    return ", ".join(
        [
            *(["privileged"] if host.get("Privileged") else []),
            "read-only root" if host.get("ReadonlyRootfs") else "writable root",
            f"the capabilities {', '.join(added)}" if added else kept,
            *map(str, host.get("SecurityOpt") or ()),
        ]
    )


def _networks(found: Inspected) -> list[str]:
    networks = (found.get("NetworkSettings") or {}).get("Networks") or {}
    lines = [
        f"{name}{f' as {known}' if (known := _aliases(found, each)) else ''}"
        for name, each in networks.items()
        if name != "none"
    ]
    ports = found["HostConfig"].get("PortBindings") or {}
    lines += [
        f"published on {one.get('HostIp') or 'every address'}:{one.get('HostPort')}"
        for listed in ports.values()
        for one in listed or ()
    ]
    return lines or ["none"]


def _aliases(found: Inspected, network: Mapping[str, Any]) -> str:
    own = str(found.get("Id") or "")
    return ", ".join(each for each in network.get("Aliases") or () if not own.startswith(each))


def _mounts(found: Inspected) -> Iterator[str]:
    for mount in sorted(found.get("Mounts") or (), key=lambda each: str(each["Destination"])):
        what = mount.get("Name") if mount["Type"] == "volume" else mount.get("Source")
        rights = "" if mount.get("RW") else ", read-only"
        yield f"{mount['Destination']}: {mount['Type']} {what}{rights}"
    for folder, options in sorted((found["HostConfig"].get("Tmpfs") or {}).items()):
        size = next((each for each in options.split(",") if each.startswith("size=")), "")
        yield f"{folder}: in memory{f', {size[5:]}' if size else ''}"


def _variables(found: Inspected) -> str:
    names = sorted(line.partition("=")[0] for line in found["Config"].get("Env") or ())
    return f"{', '.join(names)} (values are not shown)" if names else "none"


def _health(found: Inspected) -> str:
    check = found["Config"].get("Healthcheck") or {}
    test = [str(word) for word in check.get("Test") or ()]
    if not test or test[0] == "NONE":
        return "Docker asks for none"
    said = shlex.join(test[1:])
    shown = f"{said[:_WIDTH]}…" if len(said) > _WIDTH else said
    every = (check.get("Interval") or 30e9) / 1e9
    return f"each {every:g} s by Docker: {shown}"
