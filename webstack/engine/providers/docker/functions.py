"""Serves the functions of the package, which look things up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from webstack.contract.go_durations import parse_duration
from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import NotServedError, Properties, ProviderError
from webstack.engine.providers.docker.client.api import inspect
from webstack.engine.providers.docker.container.logs import frames
from webstack.engine.providers.docker.image.store import local_image, repo_digest
from webstack.engine.providers.docker.network.network import network_outputs
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.registry.registry import RegistryClient
from webstack.engine.providers.docker.resource.resource import DockerSite

Function = Callable[[DockerSite, Mapping[str, Any]], Properties]


def get_network(site: DockerSite, arguments: Mapping[str, Any]) -> Properties:
    """Look up a network by name or id."""
    seen = inspect(site.daemon, f"/networks/{quoted(arguments['name'])}")
    if seen is None:
        raise ProviderError(f"there is no network {arguments['name']}")
    outputs = network_outputs(seen)
    told = ("driver", "id", "internal", "ipamConfigs", "name", "options", "scope")
    return {
        **{key: outputs[key] for key in told},
        "containers": [
            {
                "containerId": id_,
                "endpointId": container["EndpointID"],
                "ipv4Address": container["IPv4Address"],
                "ipv6Address": container["IPv6Address"],
                "macAddress": container["MacAddress"],
                "name": container["Name"],
            }
            for id_, container in sorted((seen.get("Containers") or {}).items())
        ],
    }


def get_remote_image(site: DockerSite, arguments: Mapping[str, Any]) -> Properties:
    """Look up an image in the daemon's own store."""
    image = local_image(site, arguments["name"])
    if image is None:
        raise ProviderError(f"there is no image {arguments['name']}")
    name = arguments["name"]
    return {"id": image["Id"], "name": name, "repoDigest": repo_digest(name, image)}


def get_registry_image(site: DockerSite, arguments: Mapping[str, Any]) -> Properties:
    """Look up an image in its registry."""
    image = parse_image(arguments["name"])
    insecure = bool(arguments.get("insecureSkipVerify"))
    login = site.credentials.login(image.registry)
    address = site.credentials.address(image.registry)
    digest = RegistryClient(image, address, login, site.environ, verify=not insecure).digest()
    if digest is None:
        raise ProviderError(f"registry {image.registry} has no image {arguments['name']}")
    return {
        "id": digest,
        "insecureSkipVerify": insecure,
        "name": arguments["name"],
        "sha256Digest": digest,
    }


def get_logs(site: DockerSite, arguments: Mapping[str, Any]) -> Properties:
    """Read what a container has written so far, within the limits that were asked for."""
    told = {**_LOGS, **arguments}
    if told["follow"]:
        raise NotServedError(f"function {_GET_LOGS}: argument follow")
    seen = inspect(site.daemon, f"/containers/{quoted(told['name'])}/json")
    if seen is None:
        raise ProviderError(f"there is no container {told['name']}")
    query = {
        "stdout": told["showStdout"],
        "stderr": told["showStderr"],
        "timestamps": told["timestamps"],
        "details": told["details"],
        "since": _moment("since", told["since"]),
        "until": _moment("until", told["until"]),
        "tail": told["tail"] or "all",
    }
    raw = b""
    if told["logsListStringEnabled"]:
        raw = site.daemon.read(f"/containers/{seen['Id']}/logs", query=_spelt(query))
    framed = told["discardHeaders"] and not seen["Config"]["Tty"]
    text = (b"".join(frames(raw)) if framed else raw).decode(errors="replace")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return {**told, "id": told["name"], "logsListStrings": lines if lines[-1] else lines[:-1]}


def _spelt(query: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in query.items()
        if value != ""
    }


def _moment(name: str, text: str) -> str:
    """Return a moment in Unix seconds, from such a number, a time, or an age (``5m``)."""
    if not text or re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return text
    ago = parse_duration(text)
    if ago is not None:
        return f"{time.time() - ago / 1e9:.9f}"
    try:
        return f"{datetime.fromisoformat(text).timestamp():.9f}"
    except ValueError:
        raise ProviderError(
            f"function {_GET_LOGS}: {name} {text!r} is no time such as 10m, 1700000000 or "
            "2026-01-31T12:00:00Z"
        ) from None


_GET_LOGS: Final = "docker:index/getLogs:getLogs"
_LOGS: Final[Mapping[str, Any]] = {
    "details": False,
    "discardHeaders": True,
    "follow": False,
    "logsListStringEnabled": True,
    "showStderr": True,
    "showStdout": True,
    "since": "",
    "tail": "",
    "timestamps": False,
    "until": "",
}
FUNCTIONS: Final[Mapping[str, tuple[Function, frozenset[str]]]] = {
    _GET_LOGS: (get_logs, frozenset({"name", *_LOGS})),
    "docker:index/getNetwork:getNetwork": (get_network, frozenset({"name"})),
    "docker:index/getRegistryImage:getRegistryImage": (
        get_registry_image,
        frozenset({"name", "insecureSkipVerify"}),
    ),
    "docker:index/getRemoteImage:getRemoteImage": (get_remote_image, frozenset({"name"})),
}
"""What each token calls, and the arguments it takes; the name is always needed."""


def invoke(site: DockerSite, token: str, arguments: Mapping[str, Any]) -> Properties:
    """Call a function of the package."""
    if token not in FUNCTIONS:
        raise NotServedError(f"function {token}")
    function, known = FUNCTIONS[token]
    given = {key: value for key, value in arguments.items() if value is not None}
    unknown = sorted(given.keys() - known)
    if unknown:
        raise NotServedError(f"function {token}: argument {', '.join(unknown)}")
    if not given.get("name"):
        raise ProviderError(f"function {token}: name is missing")
    return function(site, given)
