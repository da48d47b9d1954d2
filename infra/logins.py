"""Declares the Logins resource. It puts the users of services where nginx reads them.

nginx reads the file at each request, so neither a release nor a reload is needed. Passwords are
encrypted in the state, and stand nowhere else but salted and hashed in a volume of nginx.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra.daemon.failures import ContainerError, told_plainly
from infra.runtime.running import running_containers
from infra.settings.sections import NAMESPACE, Settings, SettingsError
from proxy import paths

_SHORTEST, _LONGEST = 12, 200
_SALT = 16
# nginx works on the others for too long: it hashes again for each file of a page.
_TAKEN = ("$apr1$", "{SSHA}")
_SLOW = ("$2a$", "$2b$", "$2y$", "$5$", "$6$", "$7$", "$y$", "{SHA}", "{PLAIN}")

Passwords = Mapping[str, Mapping[str, str]]
"""Passwords, or hashes of them, by service and user."""


def lines_of(settings: Settings, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Give the password or the hash of each user of each service that asks for one.

    ``values`` are those of settings by full key. Raises SettingsError for one that does not do.
    """
    return {
        service: {
            user: _checked(f"{NAMESPACE}:{said.setting}", values.get(f"{NAMESPACE}:{said.setting}"))
            for user, said in sorted(body.login.items())
        }
        for service, body in sorted(settings.services.items())
        if body.login
    }


def written(users: Mapping[str, str]) -> str:
    """Write the file of one service, each password with a salt of its own."""
    return "".join(f"{user}:{_hashed(password)}\n" for user, password in sorted(users.items()))


def _checked(key: str, password: str | None) -> str:
    if not password:
        raise SettingsError(f"{key}: is empty; give a password")
    if password.startswith(_SLOW):
        raise SettingsError(f"{key}: a hash that nginx does not take; give the password or $apr1$")
    hashed = password.startswith(_TAKEN)
    if not password.isprintable() or (hashed and not password.isascii()):
        raise SettingsError(f"{key}: has characters that nobody can type; give another password")
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise SettingsError(f"{key}: needs {_SHORTEST} to {_LONGEST} characters; give another one")
    return password


def _hashed(password: str) -> str:
    if password.startswith(_TAKEN):
        return password
    salt = os.urandom(_SALT)  # no input: it is drawn once, for the state
    # The only salted hash that nginx knows and that costs little for each file of a page.
    digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


class LoginsProvider(ResourceProvider):
    """Writes a file for each service that asks for a name and a password."""

    serialize_as_secret_always = False  # the passwords are secret, the rest stays readable

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Report a change if users or passwords are others, or if a file is not there."""
        changed = any(olds.get(key) != news.get(key) for key in ("container", "users"))
        return DiffResult(changes=changed or not _in_place(news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write the files."""
        with told_plainly():
            _write(props)
        return CreateResult("logins", props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write the files again."""
        with told_plainly():
            _write(news)
        return UpdateResult(news)


def _write(properties: Mapping[str, Any]) -> None:
    containers, name = running_containers(), str(properties["container"])
    containers.run(name, "mkdir", "-p", paths.LOGINS_DIRECTORY)
    for service, users in properties["users"].items():
        text = written(users).encode()
        containers.write_secret(name, paths.logins(service), text, owner=int(properties["owner"]))


def _in_place(properties: Mapping[str, Any]) -> bool:
    """Tell whether all files are there.

    True as well if the container cannot be asked: then no file could be put there either.
    """
    try:
        said = running_containers().read(
            str(properties["container"]), "sh", "-c", f"ls {paths.LOGINS_DIRECTORY} || true"
        )
    except ContainerError:
        return True
    return set(properties["users"]) <= set(said.split())


class Logins(Resource, module="webstack", name="Logins"):
    """Declares who may log in to services, in the nginx container ``container``.

    ``owner`` is the numeric user that nginx runs as.
    """

    def __init__(
        self,
        name: str,
        container: str,
        owner: int,
        users: Passwords,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "container": container,
            "owner": owner,
            "users": pulumi.Output.secret({key: dict(value) for key, value in users.items()}),
        }
        sealed = pulumi.ResourceOptions(additional_secret_outputs=["users"])
        super().__init__(
            LoginsProvider(), name, properties, pulumi.ResourceOptions.merge(opts, sealed)
        )
