"""Creates, deletes and reads networks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import (
    CONFLICT,
    NOT_FOUND,
    DaemonRefusedError,
    filters,
    inspect,
)
from webstack.engine.providers.docker.container.schema import LABELS
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.schema import (
    Schema,
    flag,
    mapping,
    record,
    set_of,
    text,
)
from webstack.engine.providers.docker.schema.shapes import (
    labels_from_docker,
    labels_to_docker,
    without_empty,
)

_POOL: Final = {
    "subnet": text(),
    "ipRange": text(),
    "gateway": text(),
    "auxAddress": mapping(),
}
# Docker adds it to every overlay network. The Pulumi provider takes it for a change of the program.
_NUMBERS: Final = "com.docker.network.driver.overlay.vxlanid_list"


def _without_numbers(options: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in options.items() if key != _NUMBERS}


NETWORK: Final[Schema] = {
    "name": text(replaces=True),
    "labels": set_of(LABELS, replaces=True),
    "driver": text(computed=True, replaces=True),
    "options": mapping(computed=True, replaces=True, normal=_without_numbers),
    "internal": flag(computed=True, replaces=True),
    "attachable": flag(replaces=True),
    "ingress": flag(replaces=True),
    "ipv6": flag(replaces=True),
    "ipamDriver": text(default="default", replaces=True),
    "ipamOptions": mapping(replaces=True),
    "ipamConfigs": set_of(record(_POOL), computed=True, replaces=True),
    "scope": text(output=True),
}
_PATIENCE: Final = 30.0
_INTERVAL: Final = 0.2


class NetworkResource(DockerResource):
    """Serves networks by their ids, since Docker may have two of one name."""

    label: ClassVar[str] = "network"
    schema: ClassVar[Schema] = NETWORK
    generates_name: ClassVar[bool] = True

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Create a network; raises ProviderError where another one has the name.

        One with the very labels and settings wanted was made by an earlier run that lost its
        connection before it knew.
        """
        try:
            made = site.daemon.call("POST", "/networks/create", body=create_body(inputs))
        except DaemonRefusedError as error:
            taken = error.status == CONFLICT and inputs.get("labels")
            found = self.find(site, name, inputs) if taken else None
            if found is not None:
                return found
            raise ProviderError(f"network {inputs['name']}: {_advice(inputs, error)}") from error
        return Instance(made["Id"], _recorded(_allocated(site, made["Id"]), inputs))

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Delete a network, waiting for containers that are about to leave it."""
        deadline = site.now() + _PATIENCE
        while not _deleted(site, id_, outputs, last=site.now() >= deadline):
            site.sleep(_INTERVAL)

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a network by id, or by name to import it."""
        seen = inspect(site.daemon, f"/networks/{quoted(id_)}")
        if seen is None:
            return None
        found = _recorded(seen, inputs)
        return Instance(seen["Id"], found, refreshed_inputs(NETWORK, inputs, found))

    def find(self, site: DockerSite, name: str, inputs: Properties) -> Instance | None:
        """Find the network of that name, if it is the only one and as wanted."""
        listed = site.daemon.call("GET", "/networks", query=filters(name=inputs["name"]))
        ids = [network["Id"] for network in listed if network["Name"] == inputs["name"]]
        found = self.read(site, ids[0], inputs, {}) if len(ids) == 1 else None
        if found is None or self.diff(inputs, found.outputs, inputs).changes:
            return None
        return found


def create_body(inputs: Properties) -> dict[str, Any]:
    """Return the body of ``POST /networks/create``."""
    pools = [
        {
            "Subnet": pool.get("subnet"),
            "IPRange": pool.get("ipRange"),
            "Gateway": pool.get("gateway"),
            "AuxiliaryAddresses": pool.get("auxAddress"),
        }
        for pool in inputs.get("ipamConfigs", ())
    ]
    addresses = {
        "Driver": inputs.get("ipamDriver"),
        "Config": [without_empty(pool) for pool in pools],
        "Options": inputs.get("ipamOptions"),
    }
    return without_empty(
        {
            "Name": inputs["name"],
            "CheckDuplicate": True,
            "Driver": inputs.get("driver"),
            "Options": inputs.get("options"),
            "Labels": labels_to_docker(inputs.get("labels")),
            "Internal": inputs.get("internal", False),
            "Attachable": inputs.get("attachable", False),
            "Ingress": inputs.get("ingress", False),
            "EnableIPv6": inputs.get("ipv6", False),
            "IPAM": without_empty(addresses),
        }
    )


def network_outputs(seen: Mapping[str, Any]) -> Properties:
    """Return all output keys of a network that exists."""
    addresses = seen.get("IPAM") or {}
    return {
        "attachable": seen.get("Attachable", False),
        "driver": seen["Driver"],
        "id": seen["Id"],
        "ingress": seen.get("Ingress", False),
        "internal": seen.get("Internal", False),
        "ipamConfigs": [_pool(pool) for pool in addresses.get("Config") or ()],
        "ipamDriver": addresses.get("Driver", ""),
        "ipamOptions": addresses.get("Options") or None,
        "ipv6": seen.get("EnableIPv6", False),
        "labels": labels_from_docker(seen.get("Labels")),
        "name": seen["Name"],
        "options": seen.get("Options") or {},
        "scope": seen.get("Scope", ""),
    }


def _allocated(site: DockerSite, id_: str) -> Mapping[str, Any]:
    """Return what Docker says of a new network, once a swarm has given it driver and addresses."""
    deadline = site.now() + _PATIENCE
    while True:
        seen: Mapping[str, Any] = site.daemon.call("GET", f"/networks/{id_}")
        addresses = (seen.get("IPAM") or {}).get("Config")
        whole = bool(seen.get("Driver")) and (seen.get("Scope") != "swarm" or bool(addresses))
        if whole or site.now() >= deadline:
            return seen
        site.sleep(_INTERVAL)


def _recorded(seen: Mapping[str, Any], inputs: Properties) -> Properties:
    """Return the outputs for the state, without what would make the provider replace it."""
    outputs = network_outputs(seen)
    given = (inputs.get("options") or {}).get(_NUMBERS)
    return outputs if given else {**outputs, "options": _without_numbers(outputs["options"])}


def _pool(pool: Mapping[str, Any]) -> Properties:
    return {
        "auxAddress": pool.get("AuxiliaryAddresses") or {},
        "gateway": pool.get("Gateway", ""),
        "ipRange": pool.get("IPRange", ""),
        "subnet": pool.get("Subnet", ""),
    }


def _deleted(site: DockerSite, id_: str, outputs: Properties, *, last: bool) -> bool:
    try:
        site.daemon.call("DELETE", f"/networks/{id_}")
    except DaemonRefusedError as error:
        if error.status == NOT_FOUND:
            return True
        if re.search(r"has active endpoints|in use by task", error.reason) and not last:
            return False
        raise ProviderError(f"network {outputs.get('name', id_)}: {_use(error)}") from error
    return True


def _use(error: DaemonRefusedError) -> str:
    if "in use by service" not in error.reason:
        return str(error)
    return f"{error}; Docker changes none in place: give the changed one another name, or no name"


def _advice(inputs: Properties, error: DaemonRefusedError) -> str:
    if error.status == CONFLICT or "already exists" in error.reason:
        return (
            "another network has that name; if nobody needs it, "
            f"`docker network rm {inputs['name']}` once nothing is connected to it"
        )
    return str(error)
