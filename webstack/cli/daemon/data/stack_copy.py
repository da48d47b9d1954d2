"""The copy of a stack's state and settings that lies beside its backups, sealed: pure.

Who has it, the repository and the passphrase can make the stack anew: the keys of its backups are
in it, and so are all secrets that it has made.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from webstack.cli.state.stack_state import GENERATED_SECRET
from webstack.cli.terminal.errors import OpsError
from webstack.engine.storage.crypto import Crypter

FILE = "stack.sealed"
"""The name of the copy, in the volume and in the bucket."""
_LARGEST = 256 * 2**20
_PROVIDERS = "pulumi:providers:"


class StackCopy(msgspec.Struct, frozen=True):
    """Holds a stack's exported state, its secrets sealed within, and the text of its settings."""

    project: str
    stack: str
    state: str
    settings: str = ""


class _Sealed(msgspec.Struct, frozen=True):
    """The file: the salt that leads from the passphrase to the key, and what is sealed by it."""

    salt: str
    content: str


def sealed(copy: StackCopy, crypter: Crypter) -> str:
    """Give the content of the file."""
    packed = zlib.compress(msgspec.json.encode(copy), 9)
    text = crypter.seal(base64.b64encode(packed).decode())
    return msgspec.json.encode(_Sealed(crypter.salt, text)).decode()


def opened(content: bytes | str, passphrase: str) -> StackCopy:
    """Open the file; raises OpsError for what is none, PassphraseError for another's."""
    try:
        found = msgspec.json.decode(content, type=_Sealed)
        crypter = Crypter(found.salt, passphrase)
        crypter.verify()
        packed = base64.b64decode(crypter.open(found.content))
        return msgspec.json.decode(_unpacked(packed), type=StackCopy)
    except (msgspec.MsgspecError, ValueError, zlib.error):
        raise OpsError(f"{FILE} is no copy of a stack", "take the one beside the backups") from None


def _unpacked(packed: bytes) -> bytes:
    decompressor = zlib.decompressobj()
    found = decompressor.decompress(packed, _LARGEST)
    if decompressor.unconsumed_tail:
        raise ValueError("too large")
    return found


def secrets_alone(state: str) -> str:
    """Leave of an exported state only the secrets that it has made, and what they belong to.

    The rest was on a machine that is gone.
    """
    document: dict[str, Any] = json.loads(state)
    deployment = document["deployment"]
    resources: list[Mapping[str, Any]] = deployment.get("resources") or []
    parents = {item["urn"]: item.get("parent", "") for item in resources}
    kept: set[str] = set()
    for item in resources:
        if item["type"] == GENERATED_SECRET and not item.get("delete"):
            urn = item["urn"]
            while urn and urn not in kept:
                kept.add(urn)
                urn = parents.get(urn, "")
    deployment["resources"] = [
        _alone(item, kept)
        for item in resources
        if item["urn"] in kept or item["type"].startswith(_PROVIDERS)
    ]
    deployment.pop("pending_operations", None)
    return json.dumps(document)


def _alone(item: Mapping[str, Any], kept: set[str]) -> dict[str, Any]:
    """Leave out what a resource depends on, where that is gone, and outputs of a whole stack."""
    own = dict(item)
    own["dependencies"] = [urn for urn in item.get("dependencies") or () if urn in kept]
    for name in ("propertyDependencies", "deletedWith"):
        own.pop(name, None)
    if item["type"] != GENERATED_SECRET and not item["type"].startswith(_PROVIDERS):
        own.pop("outputs", None)
    return own
