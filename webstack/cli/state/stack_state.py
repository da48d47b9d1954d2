"""Reads what an exported state says of releases, and of what must outlive them."""

from __future__ import annotations

import base64
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

RELEASE = "pulumi-python:dynamic/webstack:Release"
IDENTITY = "pulumi-python:dynamic/webstack:Identity"
CERTIFICATE = "pulumi-python:dynamic/webstack:Certificate"
GENERATED_SECRET = "pulumi-python:dynamic/webstack:GeneratedSecret"  # noqa: S105 - a type's name
BUILT_IMAGE = "docker:index/image:Image"
CONTAINER = "docker:index/container:Container"
PROVISION = "pulumi-python:dynamic/webstack:Provision"
NETWORK = "docker:index/network:Network"
BASE_IMAGE = "pulumi-python:dynamic/webstack:BaseImage"
VOLUME = "docker:index/volume:Volume"
STACK = "pulumi:pulumi:Stack"
SERVICE = "webstack:service:WebService"


class Summary(msgspec.Struct, frozen=True):
    """Holds one release without its secrets; ``first`` is the one that it came back from.

    ``image_ids`` are the images that ran, by the same names as their references in ``images``.
    """

    number: int
    time: str
    commit: str
    clean: bool | None
    rollback_of: int | None
    first: int
    images: Mapping[str, str]
    image_ids: Mapping[str, str] = {}


class StackState:
    """Reads one stack's exported state; with secrets opened it can give whole records."""

    def __init__(self, exported: str | Mapping[str, Any]) -> None:
        document = json.loads(exported) if isinstance(exported, str) else exported
        resources = document["deployment"].get("resources") or ()
        self._all: Sequence[Mapping[str, Any]] = resources
        self._resources = [item for item in resources if not item.get("delete")]

    def releases(self) -> list[Summary]:
        """List the recorded releases, oldest first; the last one is in force."""
        return [
            Summary(
                int(item["number"]),
                item["time"],
                item["commit"],
                item.get("clean"),
                _number(item.get("rollback_of")),
                int(item["first"]),
                item["images"],
                item.get("image_ids") or {},
            )
            for item in self._outputs().get("history") or ()
        ]

    def records(self) -> dict[int, str]:
        """Map numbers to packed records; only from a state whose secrets are open."""
        packed = self._outputs().get("records")
        if not isinstance(packed, dict):
            return {}
        return {
            summary.number: text
            for summary, text in zip(self.releases(), json.loads(packed["plaintext"]), strict=True)
        }

    @property
    def keeps(self) -> int:
        """Return how many releases the last one was told to keep."""
        return int(self._outputs().get("keep", 1))

    def images(self) -> set[str]:
        """List the references of images that the state counts on, of whatever release."""
        named_by = {BUILT_IMAGE: "imageName", CONTAINER: "image"}
        return {
            str(item["inputs"].get(named_by[item["type"]]))
            for item in self._resources
            if item["type"] in named_by
        }

    def containers(self) -> set[str]:
        """List Docker's ids of the state's containers, including those that are to go."""
        return {str(item.get("id")) for item in self._all if item["type"] == CONTAINER}

    def ids(self, reference: str) -> set[str]:
        """List the ids of the images that ran, or were built, under this reference."""
        ran = {
            release.image_ids[name]
            for release in self.releases()
            for name, image in release.images.items()
            if image == reference and name in release.image_ids
        }
        built = {
            str((item.get("outputs") or {}).get("repoDigest"))
            for item in self._resources
            if item["type"] == BUILT_IMAGE and item["inputs"].get("imageName") == reference
        }
        return ran and ran | built

    def container_ids(self) -> dict[str, str]:
        """Map the names of declared containers to Docker's ids."""
        declared = (item for item in self._resources if item["type"] == CONTAINER)
        return {
            str((item.get("outputs") or {}).get("name") or item["inputs"].get("name")): str(
                item.get("id")
            )
            for item in declared
        }

    def networks(self) -> set[str]:
        """List Docker's ids of the networks that the state has."""
        return {str(item.get("id")) for item in self._all if item["type"] == NETWORK}

    def all_images(self) -> set[str]:
        """List the references of all images that are named in the state, the base images too."""
        named = (
            item["inputs"].get(key)
            for item in self._all
            if item["type"] in (BUILT_IMAGE, BASE_IMAGE, CONTAINER)
            for key in ("image", "imageName")
        )
        return {name for name in named if isinstance(name, str)}

    def types(self) -> set[str]:
        """List the types of all resources."""
        return {str(item["type"]) for item in self._all}

    def all_ids(self) -> set[str]:
        """List the ids of all that the state has."""
        return {str(item["id"]) for item in self._all if item.get("id")}

    def volumes(self) -> set[str]:
        """List Docker's names of the volumes that the state has."""
        return {str(item.get("id")) for item in self._all if item["type"] == VOLUME}

    def volumes_by_urn(self) -> dict[str, str]:
        """Map the URNs of volumes to Docker's names."""
        return {
            str(item["urn"]): str(item["id"])
            for item in self._resources
            if item.get("type") == VOLUME and item.get("id")
        }

    def owner(self) -> tuple[str, dict[str, str]]:
        """Return the state's identity, and the volumes it took from others by their owner."""
        for item in self._resources:
            if item["type"] == IDENTITY and item.get("outputs"):
                return str(item["id"]), dict(item["outputs"].get("taken") or {})
        return "", {}

    def declared(self) -> dict[str, bool]:
        """Map all declared containers by name to whether each is meant to run on."""
        declared = (item for item in self._resources if item["type"] == CONTAINER)
        return {
            str((item.get("outputs") or {}).get("name") or item["inputs"].get("name")): (
                item["inputs"].get("mustRun") is not False
            )
            for item in declared
        }

    def provided(self) -> set[str]:
        """Names of the containers that have answered what they were told once they ran."""
        found = (item for item in self._resources if item["type"] == PROVISION)
        return {str(item["inputs"]["container"]) for item in found}

    def generated(self, name: str) -> str:
        """Return a secret that the stack made, from a state whose secrets are open; else empty."""
        for item in self._resources:
            if item["type"] == GENERATED_SECRET and _name(item["urn"]) == name:
                value = (item.get("outputs") or {}).get("value")
                return str(json.loads(value["plaintext"])) if isinstance(value, dict) else ""
        return ""

    def release(self) -> Mapping[str, Any]:
        """Return the release in force as its resource has it; empty where the program has none."""
        return self._outputs()

    def authority(self) -> str:
        """Return the certificate of the stack's own authority, PEM; empty where it has none."""
        found = (item for item in self._resources if item["type"] == CERTIFICATE)
        outputs = (item.get("outputs") or {} for item in found)
        return next((str(each["authority"]) for each in outputs if each.get("authority")), "")

    def urls(self) -> dict[str, str]:
        """Map services to their addresses, by the stack's outputs."""
        for item in self._resources:
            services = (item.get("outputs") or {}).get("services")
            if item["type"] == STACK and isinstance(services, dict):
                return {name: str(each.get("url", "")) for name, each in services.items()}
        return {}

    def kept(self) -> dict[str, dict[str, Any]]:
        """Return by service what a rollback must leave: data, volumes, generated secrets."""
        found: dict[str, dict[str, Any]] = defaultdict(
            lambda: {"data": False, "secrets": {}, "volumes": []}
        )
        for service, item in self._of_services():
            if item["type"] == GENERATED_SECRET:
                found[service]["secrets"][_name(item["urn"])] = int(item["inputs"]["serial"])
            elif item["type"] == VOLUME and item.get("protect"):
                volume = _name(item["urn"]).removeprefix(f"{service}-")
                if volume == "data":
                    found[service]["data"] = True
                else:
                    found[service]["volumes"].append(volume)
        return dict(found)

    def _of_services(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for item in self._resources:
            parent = item.get("parent", "")
            if f"::{SERVICE}::" in parent:
                yield _name(parent), item

    def _outputs(self) -> Mapping[str, Any]:
        for item in self._resources:
            if item["type"] == RELEASE:
                outputs: Mapping[str, Any] = item.get("outputs") or {}
                return outputs
        return {}


def released(record: str) -> dict[str, Any]:
    """Give the services of a recorded release, each with what is to be ready before it serves."""
    values = json.loads(zlib.decompress(base64.b64decode(record)))
    services: dict[str, Any] = values["blueprint"]["plan"]["services"]
    return services


def opened(record: str) -> dict[str, Any]:
    """Unpack a record into plain values, its secrets masked."""
    values: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(record)))
    blueprint = values["blueprint"]
    return {
        "number": values["number"],
        "time": values["time"],
        **values["origin"],
        "settings": blueprint["settings"],
        "static": values["static"],
        "configuration": blueprint["plan"]["configuration"],
        "secrets": {
            service: dict.fromkeys(variables, "[secret]")
            for service, variables in values["secrets"].items()
        },
    }


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
