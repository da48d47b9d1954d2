"""Reads a preview as ``pulumi preview --json`` and the embedded engine write it, and checks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from webstack.cli.review.model import PackageChange
from webstack.cli.terminal.errors import OpsError

LARGEST = 64 * 2**20
_CONSEQUENCES = ("error: preview failed", "error: an unhandled error occurred: program exited")
"""What the CLI says after the cause."""
_PARTS = {"steps", "diagnostics", "changeSummary"}
"""What a preview has at least one of: the CLI leaves out what is empty."""
_WAY_OUT = "give what `webstack preview --json` wrote"
_URN = re.compile(
    r"urn:pulumi:[\w.-]{1,100}::[\w.-]{1,100}::(?:(?!::).)+::.*", re.ASCII | re.DOTALL
)
"""Stack and project consist of what Pulumi lets them consist of; a name is anything."""


class ReviewError(OpsError):
    """Reports that what was given is no preview."""


class State(msgspec.Struct, frozen=True):
    """Holds a resource as it is, or as it shall be."""

    urn: str = ""
    type: str = ""
    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    protect: bool = False


class Step(msgspec.Struct, frozen=True):
    """Holds one operation on one resource; ``op`` is Pulumi's word."""

    op: str
    urn: str
    old: State | None = msgspec.field(default=None, name="oldState")
    new: State | None = msgspec.field(default=None, name="newState")

    @property
    def type(self) -> str:
        """Type of the resource, such as ``docker:index/container:Container``."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """Return its Pulumi name."""
        return self.urn.split("::", 3)[3]

    @property
    def kind(self) -> str:
        """Return the last word of its type: ``Container``."""
        return self.type.rpartition(":")[2]

    @property
    def before(self) -> Mapping[str, Any]:
        """Return its inputs until now."""
        return self.old.inputs if self.old else {}

    @property
    def after(self) -> Mapping[str, Any]:
        """Return its inputs from now on."""
        return self.new.inputs if self.new else {}

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Return its inputs from now on, or those it had."""
        return self.after if self.new else self.before


class Diagnostic(msgspec.Struct, frozen=True):
    """Holds a message of the preview."""

    message: str = ""
    severity: str = "info"
    urn: str = ""


class Document(msgspec.Struct, frozen=True):
    """Holds all of a preview that a review looks at."""

    steps: list[Step] = []
    diagnostics: list[Diagnostic] = []
    unwritten: list[str] = []
    """URNs of volumes that hold nothing, as far as the Docker daemon was asked."""
    sizes: dict[str, int] = {}
    """Bytes of images by reference, as far as the daemon has them."""
    packages: dict[str, list[PackageChange]] = {}
    """Packages in which images differ, by the names of the images."""

    @property
    def stack(self) -> tuple[str, str]:
        """Project and stack; empty where no resource tells."""
        for step in self.steps:
            head, project, *_ = step.urn.split("::")
            return project, head.rpartition(":")[2]
        return "", ""

    @property
    def changes(self) -> list[Step]:
        """List the steps that do something, by URN: what happens at the same time has no order."""
        taken = (step for step in self.steps if step.op not in ("same", "refresh", "read"))
        return sorted(taken, key=lambda step: (step.urn, step.op))

    @property
    def errors(self) -> list[Diagnostic]:
        """List what keeps the preview from being carried out."""
        return [
            item
            for item in self.diagnostics
            if item.severity == "error" and not item.message.startswith(_CONSEQUENCES)
        ]


def parse(text: bytes) -> Document:
    """Read a preview; raises ReviewError, in one line, for anything else."""
    if len(text) > LARGEST:
        raise ReviewError("the preview is too large to be one", f"{LARGEST >> 20} MiB is the limit")
    if not text.strip():
        raise ReviewError(
            "the preview is empty: what should have written it failed", "see what that said"
        )
    try:
        return checked(msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReviewError(f"this is not the JSON of a preview: {error}", _WAY_OUT) from None
    except RecursionError:
        raise ReviewError(
            "this is not the JSON of a preview: it is nested too deeply", _WAY_OUT
        ) from None


def is_urn(text: str) -> bool:
    """Tell whether this names a resource."""
    return _URN.fullmatch(text) is not None


def checked(value: Any) -> Document:
    """Take a decoded preview; raises ReviewError for anything else."""
    try:
        if not isinstance(value, dict) or not value.keys() & _PARTS:
            raise msgspec.ValidationError("it has neither steps nor diagnostics")
        document = msgspec.convert(value, Document)
        for step in document.steps:
            if not is_urn(step.urn):
                raise msgspec.ValidationError(f"{step.urn[:100]!r} names no resource")
    except msgspec.ValidationError as error:
        raise ReviewError(f"this is not the JSON of a preview: {error}", _WAY_OUT) from None
    return document
