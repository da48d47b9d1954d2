"""Reads and writes the checkpoint file: JSON text to `Snapshot` and back.

Each resource keeps the text it was read from: what a run does not touch is written back
verbatim, unknown fields and ciphertexts included.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from webstack.engine.model.errors import DamagedStateError, StateError
from webstack.engine.model.state import PendingOperation, ResourceState, Snapshot
from webstack.engine.model.values import SECRET, SIGNATURE, Secret
from webstack.engine.storage import resource_json, state_validation, state_version
from webstack.engine.storage.crypto import Crypter

_WRITER: Final = "v3.272.0"
_MAGIC: Final = hashlib.sha256(_WRITER.encode()).hexdigest()
_KNOWN: Final = {
    "manifest", "secrets_providers", "resources", "pending_operations", "metadata",
}  # fmt: skip


class CheckpointCodec:
    """Reads and writes the state of one stack."""

    def __init__(self, crypter: Crypter | None, opener: Crypter | None = None) -> None:
        """Seal with ``crypter``; open with ``opener`` if the state had another salt.

        Without a crypter secrets stay sealed, which is enough for listing.
        """
        self._crypter = crypter
        self._opener = opener or crypter
        self._texts: dict[ResourceState, str] = {}

    def decode(self, latest: Mapping[str, Any]) -> Snapshot:
        """Decode the part of a checkpoint or of an export that holds the resources."""
        _verify_magic(latest.get("manifest") or {})
        unknown = sorted(latest.keys() - _KNOWN)
        if unknown:
            raise StateError(
                f"the state uses features that only a newer Pulumi CLI knows: {', '.join(unknown)}"
            )
        try:
            resources = tuple(self._resource(item) for item in latest.get("resources") or ())
            operations = tuple(
                PendingOperation(self._resource(item["resource"]), item["type"])
                for item in latest.get("pending_operations") or ()
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DamagedStateError(repr(error)) from error
        verify(resources)
        return Snapshot(resources, operations, latest.get("metadata") or {})

    def _resource(self, item: Mapping[str, Any]) -> ResourceState:
        resource = resource_json.decode(item, self._opened)
        if self._opener is self._crypter:
            self._texts[resource] = _compact(item)
        return resource

    def _opened(self, value: Mapping[str, Any]) -> Secret:
        if "plaintext" in value:
            return Secret(json.loads(value["plaintext"]))
        sealed = value["ciphertext"]
        if self._opener is None:
            return Secret(None, sealed)
        kept = sealed if self._opener is self._crypter else None
        return Secret(json.loads(self._opener.open(sealed)), kept)

    def _sealed(self, secret: Secret) -> dict[str, str]:
        text = secret.sealed
        if text is None:
            if self._crypter is None:
                raise StateError("a state read without its key cannot be written")
            text = self._crypter.seal(_compact(secret.value))
        return {SIGNATURE: SECRET, "ciphertext": text}

    def encode(self, snapshot: Snapshot, stack: str) -> str:
        """Encode a checkpoint. Only resources that are new to this codec are serialised."""
        latest = [f'"manifest":{_compact(_manifest())}']
        if self._crypter is not None:
            provider = {"type": "passphrase", "state": {"salt": self._crypter.salt}}
            latest.append(f'"secrets_providers":{_compact(provider)}')
        if snapshot.resources:
            texts = ",".join(self._text(resource) for resource in snapshot.resources)
            latest.append(f'"resources":[{texts}]')
        if snapshot.operations:
            latest.append(f'"pending_operations":[{self._operations(snapshot)}]')
        latest.append(f'"metadata":{_compact(snapshot.metadata)}')
        inner = f'{{"stack":{_compact(stack)},"latest":{{{",".join(latest)}}}}}'
        return (
            f'{{{_compact(state_version.header(snapshot.resources))[1:-1]},"checkpoint":{inner}}}'
        )

    def _operations(self, snapshot: Snapshot) -> str:
        return ",".join(
            f'{{"resource":{self._text(operation.resource)},"type":"{operation.type}"}}'
            for operation in snapshot.operations
        )

    def _text(self, resource: ResourceState) -> str:
        text = self._texts.get(resource)
        if text is None:
            text = _compact(resource_json.encode(resource, self._sealed))
            self._texts[resource] = text
        return text


def deployment_of(text: str | bytes) -> dict[str, Any]:
    """Return the ``latest`` part of a checkpoint's text, still as JSON values."""
    try:
        document = json.loads(text if isinstance(text, str) else text.decode())
    except ValueError as error:
        raise DamagedStateError(str(error)) from error
    if not isinstance(document, dict) or "version" not in document:
        raise DamagedStateError("it has no version")
    state_version.require_known(document)
    checkpoint = document.get("checkpoint")
    if not isinstance(checkpoint, dict):
        raise DamagedStateError("it has no checkpoint")
    latest = checkpoint.get("latest") or {}
    state_validation.validate_state(latest)
    return dict(latest)


def salt_of(latest: Mapping[str, Any]) -> str | None:
    """Return the salt the state's secrets are sealed with, if there is one."""
    provider = latest.get("secrets_providers") or {}
    kind = provider.get("type") or "passphrase"
    if kind != "passphrase":
        raise StateError(
            f"the state's secrets are sealed by {kind!r}; the embedded engine knows only "
            "passphrases: use the Pulumi CLI"
        )
    salt = (provider.get("state") or {}).get("salt")
    return str(salt) if salt else None


def verify(resources: tuple[ResourceState, ...]) -> None:
    """Refuse a state in which a resource precedes what it needs; raises DamagedStateError."""
    known: set[str] = set()
    for resource in resources:
        missing = sorted(resource.needs - known)
        if missing:
            raise DamagedStateError(
                f"{resource.urn} stands before what it needs: {', '.join(missing)}"
            )
        known.add(resource.urn)


def now() -> str:
    """Return the present time as the CLI writes it."""
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")


def _manifest() -> dict[str, str]:
    return {"time": now(), "magic": _MAGIC, "version": _WRITER}


def _verify_magic(manifest: Mapping[str, Any]) -> None:
    version, magic = manifest.get("version") or "", manifest.get("magic") or ""
    if magic and magic != hashlib.sha256(version.encode()).hexdigest():
        raise DamagedStateError("the manifest's magic does not fit its version")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
