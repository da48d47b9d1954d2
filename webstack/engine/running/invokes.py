"""Calls the functions that the program invokes: those of providers and the engine's own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.errors import EngineError, PlanError
from webstack.engine.model.provider import NotServedError, ProviderError
from webstack.engine.model.urn import package_of
from webstack.engine.model.values import for_provider
from webstack.engine.providers.registry import Providers
from webstack.engine.running.default_providers import DefaultProviders
from webstack.engine.running.deployment import Deployment

_GET_RESOURCE: Final = "pulumi:pulumi:getResource"


class Invokes:
    """Calls functions by their tokens."""

    def __init__(
        self, deployment: Deployment, defaults: DefaultProviders, providers: Providers
    ) -> None:
        self._deployment = deployment
        self._defaults = defaults
        self._providers = providers

    def call(
        self, token: str, arguments: Mapping[str, Any], provider: str, version: str
    ) -> Mapping[str, Any]:
        """Call a function; raises PlanError with what its provider says.

        Who watches the run hears of it: the answer is an input that no file holds.
        """
        sys.audit("webstack.invoke", token)
        if token == _GET_RESOURCE:
            return self._resource(str(arguments.get("urn")))
        self._providers.require(token, version)
        reference = provider or self._defaults.reference(package_of(token), version, token)
        try:
            return self._providers.instance(reference).invoke(token, for_provider(arguments))
        except NotServedError as error:
            raise EngineError(str(error)) from error
        except ProviderError as error:
            raise PlanError(f"invocation of {token} returned an error: {error}") from error

    def _resource(self, urn: str) -> Mapping[str, Any]:
        resource = self._deployment.registered(urn)
        if resource is None:
            raise PlanError(f"unknown resource {urn}")
        return {
            "urn": urn,
            "id": resource.id,
            "provider": resource.provider,
            "state": resource.outputs,
        }
