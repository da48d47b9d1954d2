"""Reads from the Docker daemon what the stack's labels mark as its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from webstack.cli.daemon import memory
from webstack.cli.terminal.errors import OpsError
from webstack.contract.ownership import owned_labels
from webstack.docker.client import shared
from webstack.docker.daemon_host import find_host
from webstack.docker.endpoint import EndpointError
from webstack.docker.errors import DaemonError, NotFoundError

MEBIBYTE = 1 << 20


class Container(msgspec.Struct, frozen=True):
    """Holds one container of the stack, as it is now; memory in bytes."""

    name: str
    role: str
    service: str
    state: str
    health: str
    release: str
    restarts: int
    memory: int | None = None
    memory_limit: int | None = None
    fault: str = ""

    @property
    def is_well(self) -> bool:
        """Tell whether it runs, and is not known to be unhealthy."""
        return self.state == "running" and self.health != "unhealthy" and not self.fault

    @property
    def memory_text(self) -> str:
        """Return the memory in use, of its limit, in MiB."""
        if self.memory is None:
            return ""
        limit = f" of {self.memory_limit / MEBIBYTE:.0f}" if self.memory_limit else ""
        return f"{self.memory / MEBIBYTE:.0f}{limit} MiB"


class StackOnDocker:
    """Reads what one stack has on the daemon that the environment names."""

    def __init__(self, project: str, stack: str) -> None:
        self.labels = [f"webstack.project={project}", f"webstack.stack={stack}"]
        self._repositories = f"{project.lower()}/"
        with plain_errors():
            self.api: Any = shared(find_host({}, os.environ))

    def containers(self) -> list[Container]:
        """List the stack's containers by service and name, running or not."""
        with plain_errors(), ThreadPoolExecutor(8) as pool:
            names = [entry["Id"] for entry in self._listed()]
            found = [item for item in pool.map(self._container, names) if item]
        return sorted(found, key=lambda item: (item.role != "proxy", item.service, item.name))

    def volumes(self) -> list[str]:
        """List the stack's volumes."""
        with plain_errors():
            listing = self.api.volumes(filters={"label": self.labels})
        return sorted(volume["Name"] for volume in listing["Volumes"] or ())

    def volume_labels(self) -> Mapping[str, Mapping[str, str]]:
        """Give the labels of all volumes of the daemon, by name, with their owners of now."""
        with plain_errors():
            listing = self.api.volumes()
        return owned_labels(listing["Volumes"] or ())

    def remove_others(self, known: Collection[str]) -> Iterator[str]:
        """Remove the stack's containers, then its networks, whose ids are not known; tells names.

        A container gets ten seconds for what it is working on.
        """
        with plain_errors():
            for entry in self._listed():
                if entry["Id"] not in known:
                    self.api.stop(entry["Id"], timeout=10)
                    self.api.remove_container(entry["Id"], force=True)
                    yield entry["Names"][0].lstrip("/")
            for entry in self.api.networks(filters={"label": self.labels}):
                if entry["Id"] not in known:
                    self.api.remove_network(entry["Id"])
                    yield entry["Name"]

    def image_sizes(self) -> Mapping[str, int]:
        """Give the project's images, of every stack, by reference with their sizes."""
        return {name: image["Size"] for name, image in self.own_images()}

    def own_images(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """List the same images as the daemon describes them, with all names that they have."""
        with plain_errors():
            listing = self.api.images()
        for image in listing:
            for name in image["RepoTags"] or ():
                if name.startswith(self._repositories):
                    yield name, image

    def image_id(self, reference: str) -> str | None:
        """Give the id of the image that has this name, or this id; None where there is none."""
        with plain_errors():
            try:
                return str(self.api.inspect_image(reference)["Id"])
            except NotFoundError:
                return None

    def has_object(self, kind: str, name: str) -> bool:
        """Tell whether it has a container or network of this name, whoever made it."""
        api = self.api
        inspect = api.inspect_network if kind == "Network" else api.inspect_container
        return self._has(inspect, name)

    def announce_reload(self, seconds: int) -> None:
        """Have clients of nginx leave idle connections for so long, ahead of a reload.

        Where that does not work the reload takes a little longer.
        """
        proxies = [*self.labels, "webstack.role=proxy"]
        with suppress(DaemonError):
            for entry in self.api.containers(filters={"label": proxies}):
                command = ["webstack-announce", str(seconds)]
                self.api.exec_start(self.api.exec_create(entry["Id"], command)["Id"], detach=True)

    @staticmethod
    def _has(inspect: Callable[[str], object], name: str) -> bool:
        with plain_errors():
            try:
                inspect(name)
            except NotFoundError:
                return False
        return True

    def _listed(self) -> Sequence[Mapping[str, Any]]:
        listing: Sequence[Mapping[str, Any]] = self.api.containers(
            all=True, filters={"label": self.labels}
        )
        return listing

    def _container(self, identifier: str) -> Container | None:
        try:
            inspected = self.api.inspect_container(identifier)
            used: Mapping[str, Any] | None = {}
            if inspected["State"]["Running"]:
                used = memory.measured(inspected["State"]["Pid"], inspected["Id"])
            if used is None:
                used = self.api.stats(identifier, stream=False, one_shot=True).get("memory_stats")
        except NotFoundError:
            return None  # removed since it was listed
        return described(inspected, used or {})


def described(inspected: Mapping[str, Any], used: Mapping[str, Any]) -> Container:
    """Turn what the daemon says of a container, and of its memory, into ours."""
    labels, state = inspected["Config"]["Labels"] or {}, inspected["State"]
    role = labels.get("webstack.role", "")
    return Container(
        name=inspected["Name"].lstrip("/"),
        role=role,
        service=part_name(labels),
        state=state["Status"]
        if not state.get("OOMKilled")
        else f"{state['Status']}, out of memory",
        health=(state.get("Health") or {}).get("Status", ""),
        release=labels.get("webstack.release", ""),
        restarts=inspected.get("RestartCount", 0),
        memory=used_memory(used),
        memory_limit=inspected["HostConfig"].get("Memory") or None,
    )


def part_name(labels: Mapping[str, str]) -> str:
    """Give what a container is of: a service, a role as `shop-worker`, or a part of the stack."""
    names = ("webstack.background", "webstack.service", "webstack.role")
    return next((labels[name] for name in names if labels.get(name)), "")


def used_memory(memory: Mapping[str, Any]) -> int | None:
    """Return memory without page cache that the kernel would give back, as `docker stats` does."""
    usage = memory.get("usage")
    if usage is None:
        return None
    details = memory.get("stats") or {}
    cache = details.get("inactive_file", details.get("total_inactive_file", 0))
    return int(usage) - int(cache)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the Docker client raises into one line."""
    try:
        yield
    except EndpointError as error:
        raise OpsError(str(error)) from None
    except DaemonError as error:
        raise OpsError(f"the Docker daemon does not answer as it should: {error}") from error
