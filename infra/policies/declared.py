"""Describes a declared resource as a policy sees it.

That is its type, its name, and its properties as the provider gets them. A value that is known only
later, in another resource, refuses to be used. Then the policy that needs it is undecided, and is
asked again when the value is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret on the wire
_UNKNOWN = {
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # by what kind of value it will be
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}


class UndecidedError(Exception):
    """Reports that a policy asked for a value that is not known yet."""


class _Unknown:
    """Raises UndecidedError for whatever is asked of it."""

    def _refuse(self, *_: object) -> NoReturn:
        raise UndecidedError

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __str__ = _refuse
    __int__ = __float__ = __lt__ = __le__ = __gt__ = __ge__ = __format__ = __hash__ = _refuse
    __eq__ = __ne__ = _refuse

    def __getattr__(self, _name: str) -> NoReturn:
        raise UndecidedError

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Any = _Unknown()


class SecretText(str):
    """Holds secret text: it can be examined, but is never shown."""

    __slots__ = ()

    def __str__(self) -> str:
        return "[secret]"

    def __repr__(self) -> str:
        return "[secret]"

    def __format__(self, _specification: str) -> str:
        return "[secret]"


@dataclass(frozen=True)
class Declared:
    """Describes one resource of a program; ``type`` as in ``docker:index/container:Container``.

    Its URN is known only to the CLI's policy pack.
    """

    type: str
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    protect: bool = False
    urn: str = ""

    @classmethod
    def requested(cls, request: Any) -> Declared:
        """Read the resource that a registration request of the SDK declares."""
        properties = value_of(MessageToDict(request.object))
        return cls(request.type, request.name, properties, request.protect)

    @property
    def kind(self) -> str:
        """Give the last word of the type: ``Container``."""
        return self.type.rpartition(":")[2]

    @property
    def labels(self) -> Mapping[str, str]:
        """Give the labels that the resource puts on what it makes."""
        return {label["label"]: label["value"] for label in self.known("labels")}

    def get(self, name: str, default: Any = None) -> Any:
        """Give a property, or the default if it is not set."""
        return self.properties.get(name, default)

    def known(self, name: str) -> Iterator[Any]:
        """Give the items of a list that are known already; none if the list is not set."""
        for item in self.properties.get(name) or ():
            if item is not UNKNOWN:
                yield item

    def __str__(self) -> str:
        return f'{self.kind} "{self.name}"'


def value_of(raw: Any) -> Any:
    """Read a property value from the form that Pulumi sends.

    The result has no wrappers, and whole numbers are integers.
    """
    if isinstance(raw, Mapping):
        if raw.get(_SIGNATURE) == _SECRET:
            return concealed(value_of(raw.get("value")))
        return {key: value_of(value) for key, value in raw.items() if key != _SIGNATURE}
    if isinstance(raw, list):
        return [value_of(item) for item in raw]
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return UNKNOWN if isinstance(raw, str) and raw in _UNKNOWN else raw


def concealed(value: Any) -> Any:
    """Give the same value with every text in it as SecretText."""
    if isinstance(value, Mapping):
        return {key: concealed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [concealed(item) for item in value]
    return SecretText(value) if isinstance(value, str) else value


def sealed(value: Any) -> dict[str, Any]:
    """Write a secret value in the form that Pulumi sends."""
    return {_SIGNATURE: _SECRET, "value": value}
