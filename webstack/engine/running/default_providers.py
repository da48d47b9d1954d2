"""Registers the providers that the program does not declare, at their first use."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.errors import PlanError
from webstack.engine.model.goal import Goal
from webstack.engine.model.urn import PROVIDER_PREFIX
from webstack.engine.model.values import Secret
from webstack.engine.project.config import ConfigMap
from webstack.engine.running.deployment import Deployment, StoppedError

_DISABLED: Final = "pulumi:disable-default-providers"
# Providers of dynamic resources hand the whole configuration to the resources' code.
_TAKES_ALL: Final = frozenset({"pulumi-python", "pulumi-nodejs"})


class DefaultProviders:
    """Registers one default provider for each package and version that is asked for."""

    def __init__(self, deployment: Deployment, config: ConfigMap) -> None:
        self._deployment = deployment
        self._config = config
        self._references: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def reference(self, package: str, version: str, user: str) -> str:
        """Return the reference of a package's default provider, which is registered if need be.

        Raises PlanError where the stack's settings forbid one; ``user`` is the token that asks.
        """
        with self._lock:
            if (package, version) not in self._references:
                require_enabled(self._config, package, user)
                self._references[package, version] = self._register(package, version)
            return self._references[package, version]

    def _register(self, package: str, version: str) -> str:
        name = f"default_{version.replace('.', '_')}" if version else "default"
        inputs = config_inputs(self._config, package)
        if version:
            inputs["version"] = version
        goal = Goal(PROVIDER_PREFIX + package, name, custom=True, inputs=inputs)
        registered = self._deployment.register(goal)
        if registered.failed:
            raise StoppedError
        return registered.resource.reference


def require_enabled(config: ConfigMap, package: str, user: str) -> None:
    """Raise PlanError for a package whose default provider the stack's settings switch off."""
    text = config.values.get(_DISABLED, "")
    if not text or package == "pulumi":
        return
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise PlanError(f"{_DISABLED} must be a list of packages, such as ['docker']")
    if not {"*", package}.isdisjoint(item.strip() for item in listed):
        raise PlanError(
            f"Default provider for '{package}' disabled. '{user}' must use an explicit provider."
        )


def config_inputs(config: ConfigMap, package: str) -> dict[str, Any]:
    """Return the entries of the stack's configuration that configure a package."""
    inputs: Mapping[str, Any] = {
        key: Secret(value) if key in config.secret_keys else value
        for key, value in config.values.items()
    }
    if package in _TAKES_ALL:
        return dict(inputs)
    prefix = f"{package}:"
    return {
        key.removeprefix(prefix): value for key, value in inputs.items() if key.startswith(prefix)
    }
