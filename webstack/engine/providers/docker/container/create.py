"""Creates a container step by step. A failure half way leaves one that is to be replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, PartialFailure, Properties, ProviderError
from webstack.engine.providers.docker.client.api import CONFLICT, DaemonRefusedError, inspect
from webstack.engine.providers.docker.container.outputs import container_outputs, unfinished_outputs
from webstack.engine.providers.docker.container.request import connect_body, create_body
from webstack.engine.providers.docker.container.uploads import archive
from webstack.engine.providers.docker.container.versions import require_version
from webstack.engine.providers.docker.container.wait import see_it_run, wait_for_end
from webstack.engine.providers.docker.image.store import local_or_pulled
from webstack.engine.providers.docker.resource.resource import DockerSite
from webstack.engine.providers.docker.schema.shapes import labels_to_docker

_TAKEN: Final = re.compile(
    r"Bind for (\S+:\d+) failed: port is already allocated|"
    r"listen (?:tcp|udp)\d? (\S+:\d+): bind: address already in use|"
    r"ports are not available: exposing port \S+ (\S+:\d+)"
)


def create_and_start(
    site: DockerSite, name: str, inputs: Properties, timeout: float | None
) -> Instance:
    """Create a container, connect it, upload files, start it, and wait until it runs."""
    subject = f"container {inputs['name']}"
    require_version(site.daemon, subject, inputs)
    local_or_pulled(site, name, inputs["image"], inputs.get("platform"))
    id_ = _create(site, inputs)
    try:
        _connect(site, id_, inputs)
        _upload(site, id_, inputs)
        outputs = _start(site, id_, inputs, timeout)
    except DaemonRefusedError as error:
        message = f"{subject}: {_advice(error)}"
        raise PartialFailure(message, _unfinished(inputs, id_)) from error
    except ProviderError as error:
        raise PartialFailure(f"{subject}: {error}", _unfinished(inputs, id_)) from error
    return Instance(id_, outputs)


def _create(site: DockerSite, inputs: Properties) -> str:
    try:
        return _made(site, inputs)
    except DaemonRefusedError as error:
        if error.status == CONFLICT and _leftover_removed(site, inputs):
            return _made(site, inputs)
        raise ProviderError(f"container {inputs['name']}: {_refused(inputs, error)}") from error


def _made(site: DockerSite, inputs: Properties) -> str:
    query = {"name": inputs["name"], "platform": inputs.get("platform", "")}
    body = create_body(inputs)
    made = site.daemon.call("POST", "/containers/create", query=query, body=body, timeout=300)
    id_: str = made["Id"]
    return id_


def _leftover_removed(site: DockerSite, inputs: Properties) -> bool:
    """Remove what an earlier run created from these inputs before it lost its connection."""
    seen = inspect(site.daemon, f"/containers/{quoted(inputs['name'])}/json")
    if seen is None or seen["State"]["Status"] != "created":
        return False
    if not made_from(inputs, seen["Config"]):
        return False
    site.daemon.call("DELETE", f"/containers/{seen['Id']}", query={"v": "true"})
    return True


def made_from(inputs: Properties, config: Mapping[str, Any]) -> bool:
    """Tell whether the container that Docker describes was created from these inputs."""
    labels = labels_to_docker(inputs.get("labels"))
    return (
        config["Image"] == inputs["image"]
        and set(inputs.get("envs", ())) <= set(config["Env"] or ())
        and labels.items() <= (config["Labels"] or {}).items()
    )


def _refused(inputs: Properties, error: DaemonRefusedError) -> str:
    if error.status == CONFLICT and "is already in use" in error.reason:
        return (
            f"another container has that name; if nobody needs it, `docker rm -f {inputs['name']}`"
        )
    return str(error)


def _connect(site: DockerSite, id_: str, inputs: Properties) -> None:
    networks = inputs.get("networksAdvanced") or []
    if not networks:
        return
    try:
        site.daemon.call("POST", "/networks/bridge/disconnect", body={"Container": id_})
    except DaemonRefusedError as error:
        if "is not connected to" not in error.reason:
            raise
    for network in networks:
        path = f"/networks/{quoted(network['name'])}/connect"
        site.daemon.call("POST", path, body=connect_body(id_, network))


def _upload(site: DockerSite, id_: str, inputs: Properties) -> None:
    for upload in inputs.get("uploads", ()):
        site.daemon.call(
            "PUT",
            f"/containers/{id_}/archive",
            query={"path": "/"},
            content=archive(upload),
            timeout=300,
        )


def _start(site: DockerSite, id_: str, inputs: Properties, timeout: float | None) -> Properties:
    logs = None
    if inputs["start"]:
        site.daemon.call("POST", f"/containers/{id_}/start", timeout=300)
        if inputs.get("attach"):
            logs = wait_for_end(site, id_, inputs, timeout)
        else:
            see_it_run(site, id_, inputs, timeout)
    seen: Any = site.daemon.call("GET", f"/containers/{id_}/json")
    return {**container_outputs(inputs, seen), "containerLogs": logs}


def _unfinished(inputs: Properties, id_: str) -> Instance:
    return Instance(id_, unfinished_outputs(inputs, id_))


def _advice(error: DaemonRefusedError) -> str:
    taken = _TAKEN.search(error.reason)
    if taken is None:
        return str(error)
    address = next(group for group in taken.groups() if group)
    port = address.rpartition(":")[2]
    return (
        f"port {port} of the host is in use already ({address}); "
        f"see who has it with `ss -ltnp 'sport = :{port}'` or `docker ps --filter publish={port}`, "
        "or choose another port"
    )
