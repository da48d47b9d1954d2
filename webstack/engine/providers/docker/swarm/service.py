"""Creates, changes, deletes and reads services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, PartialFailure, Properties, ProviderError
from webstack.engine.providers.docker.client.api import (
    CONFLICT,
    NOT_FOUND,
    DaemonRefusedError,
    inspect,
)
from webstack.engine.providers.docker.registry.credentials import host_name
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.schema import Schema
from webstack.engine.providers.docker.swarm.check import check_service
from webstack.engine.providers.docker.swarm.live import fitted
from webstack.engine.providers.docker.swarm.outputs import service_outputs
from webstack.engine.providers.docker.swarm.request import service_body
from webstack.engine.providers.docker.swarm.service_schema import SERVICE
from webstack.engine.providers.docker.swarm.wait import (
    see_it_created,
    see_it_published,
    see_it_updated,
    see_them_end,
    tasks_of,
)

_FILLED_IN: Final = ("taskSpec", "mode", "endpointSpec")
_TRIES: Final = 5


class ServiceResource(DockerResource):
    """Serves services by their ids."""

    label: ClassVar[str] = "service"
    schema: ClassVar[Schema] = SERVICE
    generates_name: ClassVar[bool] = True

    def check(self, name: str, old: Properties | None, new: Properties) -> Properties:
        """Return the checked inputs; raises ProviderError."""
        checked = super().check(name, old, new)
        check_service(name, checked)
        return checked

    def planned_outputs(self, new: Properties, old_outputs: Properties | None) -> Properties:
        """Return the outputs that are certain; of what Docker fills in none is."""
        planned = super().planned_outputs(new, old_outputs)
        return {key: value for key, value in planned.items() if key not in _FILLED_IN}

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Create a service, and with ``convergeConfig`` wait until all its replicas run.

        One that does not get so far is removed, as nothing of it serves.
        """
        body, headers = service_body(inputs), _login(site, inputs)
        try:
            made = site.daemon.call("POST", "/services/create", body=body, headers=headers)
        except DaemonRefusedError as error:
            raise ProviderError(f"service {inputs['name']}: {_advice(inputs, error)}") from error
        try:
            see_it_created(site, made["ID"], inputs)
        except ProviderError as error:
            _remove(site, made["ID"], inputs["name"], _grace(inputs))
            raise ProviderError(f"service {inputs['name']}: {error}") from error
        return Instance(made["ID"], service_outputs(inputs, see_it_published(site, made["ID"])))

    def update(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Change a service in place; raises PartialFailure where its tasks do not follow."""
        try:
            _send(site, id_, new)
        except ProviderError as error:
            raise ProviderError(f"service {new['name']}: {error}") from error
        try:
            see_it_updated(site, id_, new)
        except ProviderError as error:
            now = service_outputs(new, site.daemon.call("GET", f"/services/{id_}"))
            message = f"service {new['name']}: {error}"
            raise PartialFailure(message, Instance(id_, now)) from error
        return service_outputs(new, see_it_published(site, id_))

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Remove a service, and wait while its tasks stop."""
        name = str(outputs.get("name", id_))
        try:
            _remove(site, id_, name, _grace(outputs))
        except DaemonRefusedError as error:
            raise ProviderError(f"service {name}: {error}") from error

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a service by id, or by name to import it."""
        seen = inspect(site.daemon, f"/services/{quoted(id_)}")
        if seen is None:
            return None
        found = service_outputs(inputs, seen)
        return Instance(seen["ID"], found, refreshed_inputs(SERVICE, inputs, found))

    def find(self, site: DockerSite, name: str, inputs: Properties) -> Instance | None:
        """Find the service of that name: whole if it is as wanted, else without inputs."""
        seen = inspect(site.daemon, f"/services/{quoted(inputs['name'])}")
        if seen is None or not _has_labels(seen, inputs):
            return None
        found = service_outputs(inputs, seen)
        changed = self.diff(inputs, found, inputs).changes
        return Instance(seen["ID"], found, None if changed else inputs)


def _has_labels(seen: Mapping[str, Any], inputs: Properties) -> bool:
    labels = seen["Spec"].get("Labels") or {}
    return all(labels.get(item["label"]) == item["value"] for item in inputs.get("labels") or ())


def _send(site: DockerSite, id_: str, new: Properties) -> None:
    """Send the new specification for the version that runs, also if that changes meanwhile."""
    headers = _login(site, new)
    for attempt in range(_TRIES):
        seen = site.daemon.call("GET", f"/services/{id_}")
        body = fitted(service_body(new), new, seen["Spec"])
        if body["Mode"].keys() != seen["Spec"]["Mode"].keys():
            raise ProviderError(
                "it runs in the other mode, and Docker changes none; "
                "`webstack up --refresh` replaces it"
            )
        query = {"version": seen["Version"]["Index"]}
        try:
            site.daemon.call(
                "POST", f"/services/{id_}/update", query=query, body=body, headers=headers
            )
        except DaemonRefusedError as error:
            if "out of sequence" not in error.reason or attempt == _TRIES - 1:
                raise
        else:
            return


def _remove(site: DockerSite, id_: str, name: str, grace: str) -> None:
    tasks = tasks_of(site, id_)
    try:
        site.daemon.call("DELETE", f"/services/{id_}")
    except DaemonRefusedError as error:
        if error.status != NOT_FOUND:
            raise
    see_them_end(site, name, tasks, grace)


def _grace(values: Properties) -> str:
    container = (values.get("taskSpec") or {}).get("containerSpec") or {}
    return str(container.get("stopGracePeriod") or "")


def _login(site: DockerSite, inputs: Properties) -> dict[str, str] | None:
    """Return the header by which nodes pull the image; without one Docker keeps what it has."""
    image = parse_image(inputs["taskSpec"]["containerSpec"]["image"])
    own = inputs.get("auth")
    mine = own if own and host_name(own["serverAddress"]) == image.registry else None
    login = site.credentials.login(image.registry, mine)
    return None if login is None else {"X-Registry-Auth": login.header()}


def _advice(inputs: Properties, error: DaemonRefusedError) -> str:
    if error.status == CONFLICT or "name conflicts with an existing object" in error.reason:
        return (
            "another service has that name; if nobody needs it, "
            f"`docker service rm {inputs['name']}`"
        )
    return str(error)
