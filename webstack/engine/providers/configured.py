"""Serves providers as resources: the state keeps the configuration of each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.provider import Diff, Instance, Properties, ProviderError
from webstack.engine.planning.plan import compare

_INTERNAL: Final = "__internal"
_ESCAPED: Final = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


class ConfigProvider:
    """Serves the type ``pulumi:providers:*``: a change of configuration is an update."""

    def check(self, type_: str, name: str, old: Properties | None, new: Properties) -> Properties:
        """Add the key under which the CLI keeps its own notes on a versioned plugin."""
        checked = {key: _respelt(value) for key, value in new.items()}
        return {_INTERNAL: {}, **checked} if "version" in new else checked

    def diff(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Diff:
        """Compare the configuration; no change of it replaces what the provider manages."""
        return Diff(compare(_config(old_inputs), _config(new)))

    def planned_outputs(
        self, type_: str, new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Return the configuration."""
        return _config(new)

    def create(self, type_: str, name: str, inputs: Properties, timeout: float | None) -> Instance:
        """Return the provider with an id for the life of the stack."""
        return Instance(str(uuid.uuid4()), _config(inputs))

    def update(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Return the new configuration."""
        return _config(new)

    def delete(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Do nothing: a provider is nothing outside the state."""

    def read(
        self, type_: str, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Return the state unchanged."""
        return Instance(id_, outputs, inputs)

    def find(self, type_: str, name: str, inputs: Properties) -> Instance | None:
        """Find nothing: an interrupted one left nothing behind."""
        return None

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Properties:
        """Refuse: providers of providers have no functions."""
        raise ProviderError(f"{token} is not a function of a provider resource")


def _respelt(value: Any) -> Any:
    """Encode lists and objects, which arrive as JSON, in the spelling of plugins, which is Go's."""
    if not isinstance(value, str) or not value.startswith(("[", "{")):
        return value
    try:
        content = json.loads(value)
    except ValueError:
        return value
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.translate(_ESCAPED)


def _config(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != _INTERNAL}
