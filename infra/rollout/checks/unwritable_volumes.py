"""Finds volumes that a container should write to, but its user cannot.

A new volume takes owner and mode of the folder that the image has in its place. If the image has
none, the owner is root: the service would start, and fail when it first writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webstack.docker.container_folder import ContainerFolder

_OWNER, _GROUP, _OTHERS = 0o300, 0o030, 0o003
"""Who may make files in a folder, and reach them."""


def mounted(inspected: Mapping[str, Any]) -> list[str]:
    """List the folders of a container that are volumes to write to, as the daemon describes it."""
    mounts = inspected.get("Mounts") or ()
    return sorted(
        mount["Destination"] for mount in mounts if mount["Type"] == "volume" and mount["RW"]
    )


def can_write(folder: ContainerFolder, inspected: Mapping[str, Any]) -> bool:
    """Tell whether a container's user, without capabilities, may make files in a folder of it.

    If the image gives the user by name and not by number, the answer is yes.
    """
    user, _, group = str(inspected["Config"].get("User") or "0").partition(":")
    added = inspected["HostConfig"].get("GroupAdd") or ()
    if not user.isdecimal():
        return True
    if int(user) == folder.owner:
        return _allows(folder.mode, _OWNER)
    if str(folder.group) in {group, *map(str, added)}:
        return _allows(folder.mode, _GROUP)
    return _allows(folder.mode, _OTHERS)


def volume_at(path: str, inspected: Mapping[str, Any]) -> tuple[str, int]:
    """Give the volume that is mounted at ``path``, and the container's numeric user."""
    volume = next(each["Name"] for each in inspected["Mounts"] if each["Destination"] == path)
    return volume, int(inspected["Config"]["User"].partition(":")[0])


def command(path: str, inspected: Mapping[str, Any]) -> str:
    """Give the command that gives a volume, mounted at ``path``, to a container's user."""
    volume, user = volume_at(path, inspected)
    image = inspected["Config"]["Image"]
    return f"docker run --rm -u 0 -v {volume}:{path} --entrypoint chown {image} {user} {path}"


def _allows(mode: int, wanted: int) -> bool:
    return mode & wanted == wanted
