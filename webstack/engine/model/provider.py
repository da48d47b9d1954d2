"""Defines what the engine asks of a provider, which creates, reads and changes resources.

Property values are plain JSON values (``None``, ``bool``, ``int``, ``float``, ``str``, lists,
dictionaries) with camelCase keys, as they stand in the state; in a preview any of them, at any
depth, may be `UNKNOWN`. Secrets are unwrapped before a provider sees them: the engine remembers
which properties were secret and seals them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol

import msgspec

from webstack.engine.model.errors import UnsupportedError

Properties = dict[str, Any]

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is known only after the deployment (Pulumi's sentinel)."""


class ProviderError(Exception):
    """Reports a failed operation on a resource. The message tells the user what to do."""


class NotServedError(ProviderError):
    """Reports what only the Pulumi CLI can do. The run ends even if the program catches it."""

    def __init__(self, what: str) -> None:
        super().__init__(str(UnsupportedError(what)))


class PartialFailure(ProviderError):  # noqa: N818 - it says how, not that
    """Reports an operation that failed but left something behind, which the state must record."""

    def __init__(self, message: str, instance: Instance) -> None:
        super().__init__(message)
        self.instance = instance


class Instance(msgspec.Struct, frozen=True):
    """Holds a resource as it exists: id, outputs, and on `read` the inputs that would make it."""

    id: str
    outputs: Properties
    inputs: Properties | None = None


class PropertyChange(msgspec.Struct, frozen=True):
    """Names one property that differs, by its ``path`` as Pulumi prints it (``build.args``)."""

    path: str
    kind: Literal["add", "update", "delete"]
    replaces: bool = False


class Diff(msgspec.Struct, frozen=True):
    """Lists how a resource differs from its wanted inputs; empty where it does not."""

    changes: tuple[PropertyChange, ...] = ()
    delete_before_replace: bool = False


class Provider(Protocol):
    """Serves all resource types of one package; raises `ProviderError` and no other exception."""

    def check(self, type_: str, name: str, old: Properties | None, new: Properties) -> Properties:
        """Validate ``new`` and add defaults (``__defaults``, autonames kept from ``old``).

        Raises ProviderError naming every property that is not supported.
        """

    def diff(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Diff:
        """Compare the state with the checked inputs ``new`` (which may hold `UNKNOWN`)."""

    def planned_outputs(
        self, type_: str, new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Return the outputs that are certain before the operation. All others count as unknown.

        ``old_outputs`` is given for an update, None for a create or replacement.
        """

    def create(self, type_: str, name: str, inputs: Properties, timeout: float | None) -> Instance:
        """Create a resource; raises PartialFailure when it exists but is not as wanted."""

    def update(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Change a resource in place and return its new outputs."""

    def delete(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete a resource. One that is gone already is no error."""

    def read(
        self, type_: str, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a resource as it is now; returns None when it is gone."""

    def find(self, type_: str, name: str, inputs: Properties) -> Instance | None:
        """Look for what an interrupted create of these checked ``inputs`` may have left behind.

        ``name`` is the resource's name in the program; ``inputs`` carry the name of the real
        thing. Gives None when nothing answers to that name, when what does was not made from
        these inputs, or when a provider cannot tell: then the engine creates afresh.

        An instance with ``inputs`` is whole, and the engine adopts it (so does a volume, which
        may hold data). One without may be half made, such as a container that was never
        started: the engine deletes it and creates it again.
        """

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Properties:
        """Call a function of the package, such as ``docker:index/getNetwork:getNetwork``."""
