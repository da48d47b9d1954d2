"""What the engine asks of whatever creates, changes, reads and deletes resources.

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
    """A resource operation failed; the message is for the user and says what to do."""


class NotServedError(ProviderError):
    """Only the Pulumi CLI can do it: the run ends, whatever the program makes of the error."""

    def __init__(self, what: str) -> None:
        super().__init__(str(UnsupportedError(what)))


class PartialFailure(ProviderError):  # noqa: N818 - it says how, not that
    """The operation failed, yet left something behind that the state must remember."""

    def __init__(self, message: str, instance: Instance) -> None:
        super().__init__(message)
        self.instance = instance


class Instance(msgspec.Struct, frozen=True):
    """A resource as it exists: its id and outputs, and on `read` the inputs that would make it."""

    id: str
    outputs: Properties
    inputs: Properties | None = None


class PropertyChange(msgspec.Struct, frozen=True):
    """One property that differs; ``path`` as Pulumi prints it (``envs[0]``, ``build.args``)."""

    path: str
    kind: Literal["add", "update", "delete"]
    replaces: bool = False


class Diff(msgspec.Struct, frozen=True):
    """What separates the resource from the wanted inputs; empty when nothing does."""

    changes: tuple[PropertyChange, ...] = ()
    delete_before_replace: bool = False


class Provider(Protocol):
    """Operations on every type of one package; raises `ProviderError`, never a bare exception."""

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
        """Outputs that are certain before the operation; what is left out counts as unknown.

        ``old_outputs`` is given for an update, None for a create or replacement.
        """

    def create(self, type_: str, name: str, inputs: Properties, timeout: float | None) -> Instance:
        """Create it; raises PartialFailure when it exists but is not as wanted."""

    def update(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Change it in place and give its new outputs."""

    def delete(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete it; one that is gone already is no error."""

    def read(
        self, type_: str, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read it as it is now, or None when it is gone."""

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
