"""Volumes that a container is to write to and, by its user, cannot.

A volume that is new takes owner and mode of the folder that the image has in its place. Where it
has none, that is root: the service starts, and fails when it first writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from webstack.docker.container_folder import ContainerFolder

_OWNER, _GROUP, _OTHERS = 0o300, 0o030, 0o003
"""Who may make files in a folder, and reach them."""


def mounted(inspected: Mapping[str, Any]) -> list[str]:
    """Give the folders of a container that are volumes to write to, as the daemon describes it."""
    mounts = inspected.get("Mounts") or ()
    return sorted(
        mount["Destination"] for mount in mounts if mount["Type"] == "volume" and mount["RW"]
    )


def can_write(folder: ContainerFolder, inspected: Mapping[str, Any]) -> bool:
    """Tell whether a container's user, without capabilities, may make files in a folder of it.

    A user that the image names, and not its number, is taken to be able to.
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


def refusal(service: str, folders: Collection[str], declared: Collection[str]) -> str:
    """Say in one line what is wrong with empty ones, and the way out.

    ``declared`` are the folders that the image has as ``VOLUME``: of these a build forgets what
    it is told to do later.
    """
    listed = " ".join(folders)
    above = " and above its VOLUME" if {*folders} & {each.rstrip("/") for each in declared} else ""
    return (
        f"webstack:services.{service}: its user cannot write to {listed}, which its image does not "
        f"have or which belongs to another there; make it in the Dockerfile, below `ARG UID`{above}"
        f": RUN install -d -o ${{UID}} -g ${{UID}} {listed}"
    )


def command(path: str, inspected: Mapping[str, Any]) -> str:
    """Give what makes a volume, mounted at ``path``, the own one of a container's user."""
    volume = next(each["Name"] for each in inspected["Mounts"] if each["Destination"] == path)
    user = inspected["Config"]["User"].partition(":")[0]
    image = inspected["Config"]["Image"]
    return f"docker run --rm -u 0 -v {volume}:{path} --entrypoint chown {image} {user} {path}"


def _allows(mode: int, wanted: int) -> bool:
    return mode & wanted == wanted
