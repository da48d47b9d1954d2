"""Finds the login for a registry: in ``registryAuth``, else in the Docker CLI's configuration."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from webstack.engine.model.provider import NotServedError, ProviderError
from webstack.engine.providers.docker.registry.image_names import HUB

_HUB_SERVER: Final = "https://index.docker.io/v1/"
_HUB_NAMES: Final = (HUB, "index.docker.io", "registry-1.docker.io")
_LOCAL: Final = re.compile(r"(localhost|127\.\d+\.\d+\.\d+)(:\d+)?")
_KNOWN: Final = {
    "address", "username", "password", "authDisabled", "configFile", "configFileContent",
}  # fmt: skip


@dataclass(frozen=True)
class Login:
    """Holds one user of a registry. Its repr shows neither password nor token."""

    registry: str
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def server(self) -> str:
        """Return the registry as Docker names it in a login."""
        return _HUB_SERVER if self.registry in _HUB_NAMES else self.registry

    def fields(self) -> dict[str, str]:
        """Return the fields of Docker's login object."""
        if self.token:
            return {"serveraddress": self.server, "identitytoken": self.token}
        return {
            "serveraddress": self.server, "username": self.username, "password": self.password,
        }  # fmt: skip

    def header(self) -> str:
        """Return the value of Docker's ``X-Registry-Auth`` header."""
        return base64.urlsafe_b64encode(json.dumps(self.fields()).encode()).decode()


CliLogin = Callable[[str, "str | None"], "Login | None"]


class Credentials(msgspec.Struct, frozen=True):
    """Holds all logins of the provider. ``cli`` asks the Docker CLI's configuration."""

    given: Mapping[str, Mapping[str, Any]]
    cli: CliLogin

    def login(self, registry: str, own: Mapping[str, Any] | None = None) -> Login | None:
        """Return the login for a registry, or None. A resource's own login comes first."""
        if own and own.get("username") and own.get("password"):
            return Login(registry, own["username"], own["password"])
        entry = self.given.get(hub_name(registry))
        if entry is None:
            return self.cli(registry, None)
        if entry.get("authDisabled") in (True, "true"):
            return Login(registry, "username", "password")
        if entry.get("username"):
            return Login(registry, entry["username"], entry.get("password", ""))
        if entry.get("configFileContent"):
            return login_in(json.loads(entry["configFileContent"]), registry)
        return self.cli(registry, entry.get("configFile"))

    def address(self, registry: str, own: Mapping[str, Any] | None = None) -> str:
        """Return a registry's URL, by the protocol of the address in its login.

        Where none is named, a registry on this machine speaks plain HTTP, as Docker assumes.
        """
        if registry == HUB:
            return "https://registry-1.docker.io"
        named = str((own or self.given.get(registry) or {}).get("address", ""))
        protocol, separator, _ = named.partition("://")
        if not separator:
            protocol = "http" if _LOCAL.fullmatch(registry) else "https"
        return f"{protocol}://{registry}"

    def all(self, registries: Sequence[str]) -> list[Login]:
        """Return the logins for several registries, as far as there are any."""
        logins = [self.login(registry) for registry in registries]
        return [login for login in logins if login is not None]


def read_registry_auth(value: Any) -> dict[str, Mapping[str, Any]]:
    """Read the setting, a list (or its JSON) of objects with address, username and password."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ProviderError("docker:registryAuth is not JSON") from None
    entries = value if isinstance(value, list) else [value] if value else []
    return {hub_name(host_name(entry["address"])): entry for entry in map(_checked, entries)}


def _checked(given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not given.get("address"):
        raise ProviderError("each entry of docker:registryAuth needs an address")
    # The SDK leaves the keys of a provider resource's dictionaries in Python's spelling.
    entry: dict[str, Any] = {
        camel(key): value for key, value in given.items() if key != "__defaults"
    }
    unknown = sorted(entry.keys() - _KNOWN)
    if unknown:
        raise NotServedError(f"docker:registryAuth: {', '.join(unknown)}")
    return entry


def login_in(config: Mapping[str, Any], registry: str) -> Login | None:
    """Look a registry up in the content of a Docker configuration file."""
    for address, entry in config.get("auths", {}).items():
        if hub_name(host_name(address)) == hub_name(registry) and entry.get("auth"):
            user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
            return Login(registry, user, password.rstrip("\0"))
    return None


def camel(name: str) -> str:
    """Turn Python's spelling of a property into Pulumi's (camelCase)."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def host_name(address: str) -> str:
    """Return the host of a registry's address, with its port."""
    return address.removeprefix("https://").removeprefix("http://").split("/", 1)[0]


def hub_name(registry: str) -> str:
    """Return one name for Docker Hub, whatever its address is written like."""
    return HUB if registry in _HUB_NAMES else registry
