"""Serves the `pulumi` package itself: references to other stacks of the same backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from webstack.engine.model.errors import EngineError
from webstack.engine.model.provider import Diff, Instance, NotServedError, Properties, ProviderError
from webstack.engine.model.values import Secret, holds_secret

REFERENCE: Final = "pulumi:pulumi:StackReference"

Outputs = Callable[[str], Mapping[str, Any]]


class BuiltinProvider:
    """Reads stack references. It creates nothing."""

    def __init__(self, outputs_of: Outputs) -> None:
        """Take ``outputs_of``, which returns the outputs of a stack, secrets as `Secret`."""
        self._outputs_of = outputs_of

    def check(self, type_: str, name: str, old: Properties | None, new: Properties) -> Properties:
        """Refuse: stack references are read, never registered."""
        raise NotServedError(f"resource type {type_}")

    def diff(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Diff:
        """Return no difference: a reference is read anew each time."""
        return Diff()

    def planned_outputs(
        self, type_: str, new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Return nothing: no output is certain before the reading."""
        return {}

    def create(self, type_: str, name: str, inputs: Properties, timeout: float | None) -> Instance:
        """Refuse, as `check` does."""
        raise NotServedError(f"resource type {type_}")

    def update(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Refuse, as `check` does."""
        raise NotServedError(f"resource type {type_}")

    def delete(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Do nothing: a reference is nothing outside the state."""

    def read(
        self, type_: str, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read the outputs of the referenced stack."""
        if type_ != REFERENCE:
            raise NotServedError(f"resource type {type_}")
        name = str(inputs.get("name", id_))
        try:
            found = self._outputs_of(name)
        except EngineError as error:
            raise ProviderError(f"stack reference {name}: {error}") from error
        names = sorted(key for key, value in found.items() if holds_secret(value))
        read = {"name": name, "outputs": _lifted(found), "secretOutputNames": names}
        return Instance(id_, read, inputs)

    def find(self, type_: str, name: str, inputs: Properties) -> Instance | None:
        """Find nothing: nothing is ever created."""
        return None

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Properties:
        """Refuse what the engine does not answer itself."""
        raise NotServedError(f"the function {token}")


def _lifted(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, Secret) or not holds_secret(value) else Secret(value)
        for key, value in outputs.items()
    }
