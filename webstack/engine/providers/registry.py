"""Chooses the provider of a resource: one instance for each provider resource in use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from webstack.engine.model import urn as urns
from webstack.engine.model.errors import UnsupportedError
from webstack.engine.model.provider import Provider
from webstack.engine.model.state import ResourceState, provider_urn
from webstack.engine.model.values import for_provider
from webstack.engine.project.project import Project
from webstack.engine.project.stack import outputs_of
from webstack.engine.providers.builtin import BuiltinProvider
from webstack.engine.providers.configured import ConfigProvider
from webstack.engine.providers.dynamic import DynamicProvider

Factory = Callable[[Mapping[str, str]], Provider]
_SERVED = {"docker": "5"}
"""The major version of a package's plugin that is served; others have other properties."""


def factories(project: Project) -> Mapping[str, Factory]:
    """Return, by package, what makes a provider from the inputs of its provider resource."""

    def dynamic(config: Mapping[str, str]) -> Provider:
        return DynamicProvider(config, project.name)

    def builtin(_config: Mapping[str, str]) -> Provider:
        return BuiltinProvider(partial(outputs_of, project))

    # A copy: the program, which may change its environment, runs in this process.
    environ = dict(project.environ)

    def docker(config: Mapping[str, str]) -> Provider:
        from webstack.engine.providers.docker import DockerProvider

        return DockerProvider(config, environ=environ)

    return {"docker": docker, "pulumi-python": dynamic, "pulumi": builtin}


class Providers:
    """Holds the providers of one run, made at first use and again when their inputs change."""

    def __init__(self, factories: Mapping[str, Factory]) -> None:
        self._factories = factories
        self._configs: dict[str, Mapping[str, Any]] = {}
        self._instances: dict[str, Provider] = {}
        self._lock = threading.Lock()
        self._own = ConfigProvider()

    def require(self, type_: str, version: str = "") -> None:
        """Raise UnsupportedError for a type whose package or version nothing here serves."""
        package = urns.package_of(type_)
        if package not in self._factories:
            raise UnsupportedError(f"{type_}: the package {package}")
        served = _SERVED.get(package)
        if served and version and version.partition(".")[0] != served:
            raise UnsupportedError(f"{type_}: version {version} of the package {package}")

    def configure(self, resource: ResourceState) -> None:
        """Record a provider resource, as it is in the state or has just become."""
        config = for_provider(resource.inputs)
        with self._lock:
            if self._configs.get(resource.urn) != config:
                self._configs[resource.urn] = config
                self._instances.pop(resource.urn, None)

    def serving(self, resource: ResourceState) -> Provider | None:
        """Return the provider of a resource; None for a component."""
        if not resource.custom:
            return None
        if resource.is_provider:
            return self._own
        return self.instance(resource.provider)

    def instance(self, reference: str) -> Provider:
        """Return the provider that a reference ``URN::ID`` names."""
        urn = provider_urn(reference)
        type_ = urns.type_of(urn)
        self.require(type_)
        with self._lock:
            if urn not in self._instances:
                config = {
                    key: value
                    for key, value in self._configs.get(urn, {}).items()
                    if not key.startswith("__") and key != "version"
                }
                self._instances[urn] = self._factories[urns.package_of(type_)](config)
            return self._instances[urn]
