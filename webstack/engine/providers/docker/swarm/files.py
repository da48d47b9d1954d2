"""Creates, deletes and reads what services get as files: configurations and secrets."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import (
    CONFLICT,
    NOT_FOUND,
    DaemonRefusedError,
    inspect,
)
from webstack.engine.providers.docker.container.schema import LABELS
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.rules import base64_text
from webstack.engine.providers.docker.schema.schema import Schema, set_of, text
from webstack.engine.providers.docker.schema.shapes import (
    labels_from_docker,
    labels_to_docker,
    without_empty,
)

CONFIG: Final[Schema] = {
    "name": text(replaces=True),
    "data": text(replaces=True, rule=base64_text),
    "dataRaw": text(replaces=True),
    "labels": set_of(LABELS, replaces=True),
}
SECRET: Final[Schema] = {
    "name": text(replaces=True),
    "data": text(required=True, secret=True, replaces=True, rule=base64_text),
    "labels": set_of(LABELS, replaces=True),
}


class _FileResource(DockerResource):
    """Serves what Docker makes once and never changes. A change makes another one."""

    path: ClassVar[str]
    generates_name: ClassVar[bool] = True

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Create one; raises ProviderError where another one has the name."""
        body = {
            "Name": inputs["name"],
            "Labels": labels_to_docker(inputs.get("labels")),
            "Data": _base64(inputs),
        }
        try:
            made = site.daemon.call("POST", f"/{self.path}/create", body=without_empty(body))
        except DaemonRefusedError as error:
            raise ProviderError(f"{self.label} {inputs['name']}: {self._taken(error)}") from error
        seen = site.daemon.call("GET", f"/{self.path}/{made['ID']}")
        return Instance(made["ID"], self.outputs(inputs, seen))

    def outputs(self, inputs: Properties, seen: Mapping[str, Any]) -> Properties:
        """Return all output keys of one that exists."""
        spec = seen["Spec"]
        labels = labels_from_docker(spec.get("Labels"))
        return {
            **self.content(inputs, spec), "id": seen["ID"], "labels": labels, "name": spec["Name"],
        }  # fmt: skip

    def content(self, inputs: Properties, spec: Mapping[str, Any]) -> Properties:
        """Return the outputs that hold the content."""
        raise NotImplementedError

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Delete one; raises ProviderError while a service uses it."""
        try:
            site.daemon.call("DELETE", f"/{self.path}/{id_}")
        except DaemonRefusedError as error:
            if error.status != NOT_FOUND:
                name = outputs.get("name", id_)
                raise ProviderError(f"{self.label} {name}: {_advice(error)}") from error

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read one by id, or by name to import it."""
        seen = inspect(site.daemon, f"/{self.path}/{quoted(id_)}")
        if seen is None:
            return None
        found = self.outputs(inputs, seen)
        return Instance(seen["ID"], found, self.inputs(inputs, found))

    def inputs(self, inputs: Properties, found: Properties) -> Properties | None:
        """Return the inputs that would make what was read."""
        return refreshed_inputs(self.schema, inputs, found)

    def find(self, site: DockerSite, name: str, inputs: Properties) -> Instance | None:
        """Find the one of that name: whole if it is as wanted, else without inputs."""
        seen = inspect(site.daemon, f"/{self.path}/{quoted(inputs['name'])}")
        if seen is None or not inputs.get("labels"):
            return None
        found = self.outputs(inputs, seen)
        if labels_to_docker(found["labels"]) != labels_to_docker(inputs["labels"]):
            return None
        return Instance(seen["ID"], found, inputs if self._whole(inputs, found) else None)

    def _whole(self, inputs: Properties, found: Properties) -> bool:
        return not self.diff(inputs, found, inputs).changes

    def _taken(self, error: DaemonRefusedError) -> str:
        if error.status != CONFLICT and "already exists" not in error.reason:
            return str(error)
        return f"another {self.label} has that name; see `docker {self.label} ls`"


class ConfigResource(_FileResource):
    """Serves configurations, which anybody with the daemon may read."""

    label: ClassVar[str] = "config"
    schema: ClassVar[Schema] = CONFIG
    path: ClassVar[str] = "configs"

    def check(self, name: str, old: Properties | None, new: Properties) -> Properties:
        """Return the checked inputs; raises ProviderError."""
        checked = super().check(name, old, new)
        given = [key for key in ("data", "dataRaw") if checked.get(key) is not None]
        if len(given) != 1:
            raise ProviderError(f'docker config "{name}": give one of data and dataRaw')
        return checked

    def content(self, inputs: Properties, spec: Mapping[str, Any]) -> Properties:
        """Return the outputs that hold the content, in the form that the program chose."""
        data = spec.get("Data", "")
        if inputs.get("dataRaw") is None:
            return {"data": data, "dataRaw": None}
        return {"data": None, "dataRaw": base64.b64decode(data).decode(errors="replace")}


class SecretResource(_FileResource):
    """Serves secrets. Docker never tells what they hold."""

    label: ClassVar[str] = "secret"
    schema: ClassVar[Schema] = SECRET
    path: ClassVar[str] = "secrets"

    def content(self, inputs: Properties, spec: Mapping[str, Any]) -> Properties:
        """Return the output that holds the content, which only the program knows."""
        return {"data": inputs.get("data")}

    def inputs(self, inputs: Properties, found: Properties) -> Properties | None:
        """Return the inputs that would make what was read; one cannot be imported."""
        return refreshed_inputs(self.schema, inputs, found) if inputs else None

    def _whole(self, inputs: Properties, found: Properties) -> bool:
        """Return False: whether it holds what it should, nobody can tell."""
        return False


def _base64(inputs: Properties) -> str:
    raw = inputs.get("dataRaw")
    return inputs["data"] if raw is None else base64.b64encode(raw.encode()).decode()


def _advice(error: DaemonRefusedError) -> str:
    if "in use by" not in error.reason:
        return str(error)
    return (
        f"{error}; Docker changes none in place: leave its name out, or name both it and its "
        "resource by its content, so that the new one is there before the old one goes"
    )
