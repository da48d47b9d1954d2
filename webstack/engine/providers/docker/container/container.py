"""Creates, changes, deletes and reads containers."""

from __future__ import annotations

from typing import ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import (
    CONFLICT,
    NOT_FOUND,
    DaemonRefusedError,
    inspect,
)
from webstack.engine.providers.docker.container.check import check_container
from webstack.engine.providers.docker.container.create import create_and_start, made_from
from webstack.engine.providers.docker.container.outputs import container_outputs, unfinished_outputs
from webstack.engine.providers.docker.container.request import update_body
from webstack.engine.providers.docker.container.schema import CONTAINER
from webstack.engine.providers.docker.container.wait import see_it_run
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.schema import Schema

_CHANGEABLE: Final = {
    "restart", "maxRetryCount", "cpuShares", "cpuPeriod", "cpuQuota", "cpuSet", "memory",
    "memoryReservation", "memorySwap", "deviceReadBps", "deviceReadIops", "deviceWriteBps",
    "deviceWriteIops",
}  # fmt: skip
RECORDED_ONLY: Final = {"healthcheck", "init", "mounts", "tmpfs"}


class ContainerResource(DockerResource):
    """Serves containers. A replacement always waits until the old container is gone."""

    label: ClassVar[str] = "container"
    schema: ClassVar[Schema] = CONTAINER
    generates_name: ClassVar[bool] = True

    def check(self, name: str, old: Properties | None, new: Properties) -> Properties:
        """Return the checked inputs; raises ProviderError."""
        checked = super().check(name, old, new)
        check_container(name, checked)
        return checked

    def deletes_first(self, new: Properties) -> bool:
        """Return True: the Pulumi provider deletes first, whatever the name."""
        return True

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Create and start a container, and wait until it runs (with ``wait``: is healthy)."""
        return create_and_start(site, name, inputs, timeout)

    def update(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Change limits and restart policy, and start the container again if it stopped.

        The Pulumi provider records other changes without making them; so does this one, to stay
        interchangeable, and says so.
        """
        planned = self.planned_outputs(new, old_outputs)
        changed = {key for key, value in planned.items() if value != old_outputs.get(key)}
        try:
            started = self._start_again(site, id_, old_outputs, new)
            if changed & _CHANGEABLE:
                site.daemon.call("POST", f"/containers/{id_}/update", body=update_body(new))
        except ProviderError as error:
            raise ProviderError(f"container {new['name']}: {error}") from error
        for key in sorted(changed & RECORDED_ONLY):
            site.report(new["name"], f"{key} takes effect only when the container is replaced")
        return {**planned, **started}

    def _start_again(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Start a container that stopped by itself; returns the outputs that follow from it."""
        if not new.get("mustRun") or old_outputs.get("mustRun") or not new.get("start"):
            return {}
        site.daemon.call("POST", f"/containers/{id_}/start", timeout=300)
        see_it_run(site, id_, new, None)
        seen = container_outputs(new, site.daemon.call("GET", f"/containers/{id_}/json"))
        return {key: seen[key] for key in ("exitCode", "networkDatas", "ports") if key in seen}

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Stop a container with its grace time, and remove it with its anonymous volumes."""
        grace = outputs.get("destroyGraceSeconds") or 0
        volumes = outputs.get("removeVolumes", True)
        query = {"force": "true", "v": "true" if volumes else "false"}
        try:
            if not outputs.get("attach"):
                path = f"/containers/{id_}/stop"
                site.daemon.call("POST", path, query={"t": grace}, timeout=grace + 60)
            site.daemon.call("DELETE", f"/containers/{id_}", query=query, timeout=120)
        except DaemonRefusedError as error:
            in_progress = error.status == CONFLICT and "already in progress" in error.reason
            if error.status != NOT_FOUND and not in_progress:
                raise ProviderError(f"container {outputs.get('name', id_)}: {error}") from error
        self._wait_until_gone(site, id_)

    def _wait_until_gone(self, site: DockerSite, id_: str) -> None:
        """Wait for a removal that Docker has not finished, so that the name is free."""
        deadline = site.now() + 60
        while inspect(site.daemon, f"/containers/{id_}/json") is not None:
            if site.now() >= deadline:
                raise ProviderError(f"container {id_[:12]} is still being removed after a minute")
            site.sleep(0.1)

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a container by id, or by name to import it."""
        seen = inspect(site.daemon, f"/containers/{quoted(id_)}/json")
        if seen is None:
            return None
        given = inputs or {"image": seen["Config"]["Image"], "mustRun": True, "start": True}
        found = container_outputs(given, seen)
        found["containerLogs"] = outputs.get("containerLogs")
        return Instance(seen["Id"], found, refreshed_inputs(CONTAINER, inputs, found))

    def find(self, site: DockerSite, name: str, inputs: Properties) -> Instance | None:
        """Find the container of that name: whole if it runs as wanted, else without inputs."""
        seen = inspect(site.daemon, f"/containers/{quoted(inputs['name'])}/json")
        if seen is None or not made_from(inputs, seen["Config"]):
            return None
        found = container_outputs(inputs, seen)
        if not _finished(inputs, seen["State"]) or self.diff(inputs, found, inputs).changes:
            return Instance(seen["Id"], unfinished_outputs(inputs, seen["Id"]))
        return Instance(seen["Id"], found, inputs)


def _finished(inputs: Properties, state: Properties) -> bool:
    """Tell whether every step of the creation was done."""
    if not inputs["start"]:
        return True
    health = (state.get("Health") or {}).get("Status")
    return bool(state["Running"] and (health == "healthy" or not inputs.get("wait")))
