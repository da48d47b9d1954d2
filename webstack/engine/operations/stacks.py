"""Makes, lists, removes, exports and imports stacks, and reads their history."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from webstack.engine.model import urn as urns
from webstack.engine.model.errors import EngineError, StateError
from webstack.engine.model.state import Snapshot
from webstack.engine.model.values import SECRET, SIGNATURE, Secret
from webstack.engine.project import settings
from webstack.engine.project.project import Project
from webstack.engine.project.stack import backend_of, open_stack, stack_name
from webstack.engine.storage import (
    checkpoint,
    files,
    locks,
    resource_json,
    state_validation,
    state_version,
)
from webstack.engine.storage.checkpoint import CheckpointCodec
from webstack.engine.storage.crypto import Crypter, passphrase_from


def init(project: Project, stack: str) -> None:
    """Make an empty stack. A settings file without a salt gets one."""
    name = stack_name(project, stack)
    backend = backend_of(project)
    if backend.exists(name):
        raise EngineError(f"stack '{name}' already exists")
    with settings.salted(project, name) as salt:
        crypter = Crypter(salt, passphrase_from(project.environ))
        crypter.verify()
        backend.write(name, CheckpointCodec(crypter).encode(Snapshot(), backend.qualified(name)))


def exists(project: Project, stack: str) -> bool:
    """Tell whether a stack has a state."""
    return backend_of(project).exists(stack_name(project, stack))


def ls(project: Project) -> list[str]:
    """List the project's stacks."""
    return backend_of(project).stacks()


def rm(project: Project, stack: str, *, force: bool = False, settings_too: bool = False) -> None:
    """Remove a stack and its history. One that still has resources needs ``force``.

    Its settings file is usually under version control, and stays unless asked for.
    """
    name = stack_name(project, stack)
    backend = backend_of(project)
    with locks.held(backend, name, lambda _notice: None):
        with backend.located(name):
            latest = checkpoint.deployment_of(backend.read(name))
        if latest.get("resources") and not force:
            raise StateError(
                f"'{name}' still has resources; removal rejected. Possible actions: remove them "
                f"with `webstack destroy {name}`, or use --force to forget them"
            )
        backend.remove(name)
    if settings_too:
        files.remove(project.settings_file(name))


def export(project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
    """Return a stack's state as ``pulumi stack export`` does. Secrets stay sealed unless shown."""
    name = stack_name(project, stack)
    backend = backend_of(project)
    text = backend.read(name)
    with backend.located(name):
        latest = checkpoint.deployment_of(text)
    if show_secrets:
        opened = open_stack(project, name)
        opened.verify_passphrase()
        snapshot = opened.load(opened.codec())
        latest["resources"] = [
            resource_json.encode(item, _plaintext) for item in snapshot.resources
        ]
    version = {key: value for key, value in json.loads(text).items() if key != "checkpoint"}
    return {**version, "deployment": latest}


def import_(project: Project, stack: str, document: Any, notice: Callable[[str], None]) -> int:
    """Replace a stack's state by an exported one; returns the number of its resources."""
    name = stack_name(project, stack)
    if not (
        isinstance(document, Mapping)
        and "version" in document
        and isinstance(document.get("deployment"), Mapping)
    ):
        raise StateError("not an exported state: it needs version and deployment")
    state_version.require_known(document)
    opened = open_stack(project, name)
    opened.verify_passphrase()
    latest = document["deployment"]
    state_validation.validate_state(latest)
    salt = checkpoint.salt_of(latest) or (opened.crypter.salt if opened.crypter else None)
    opener = Crypter(salt, passphrase_from(project.environ)) if salt else None
    codec = CheckpointCodec(opened.crypter, opener)
    snapshot = codec.decode(latest)
    _verify_owner(snapshot, name, project.name)
    with locks.held(opened.backend, name, notice):
        opened.save(codec, snapshot)
    return len(snapshot.resources)


def history(project: Project, stack: str) -> list[dict[str, Any]]:
    """Return the records of a stack's updates, newest first."""
    name = stack_name(project, stack)
    backend = backend_of(project)
    backend.read(name)
    return backend.history(name)


def cancel(project: Project, stack: str) -> int:
    """Remove every lock of a stack; returns how many there were."""
    return locks.remove_all(backend_of(project), stack_name(project, stack))


@contextmanager
def held(project: Project, stack: str, notice: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of a stack; raises LockedError while another run has it."""
    with locks.held(backend_of(project), stack_name(project, stack), notice):
        yield


def unprotect(project: Project, stack: str, urns_: Collection[str] = ()) -> int:
    """Remove the protection of some resources, or of all; returns how many had it."""
    opened = open_stack(project, stack)
    opened.verify_passphrase()
    with locks.held(opened.backend, opened.name, lambda _notice: None):
        codec = opened.codec()
        before = opened.load(codec)
        chosen = {item for item in before.resources if item.protect}
        if urns_:
            chosen = {item for item in chosen if item.urn in urns_}
        after = tuple(
            replace(item, protect=False) if item in chosen else item for item in before.resources
        )
        opened.save(codec, replace(before, resources=after))
    return len(chosen)


def _verify_owner(snapshot: Snapshot, stack: str, project: str) -> None:
    for resource in snapshot.resources:
        parts = urns.parse(resource.urn)
        if (parts.stack, parts.project) != (stack, project):
            raise StateError(
                f"the state belongs to stack {parts.stack} of {parts.project}, "
                f"not to {stack} of {project}: {resource.urn}"
            )


def _plaintext(secret: Secret) -> dict[str, str]:
    text = json.dumps(secret.value, ensure_ascii=False, separators=(",", ":"))
    return {SIGNATURE: SECRET, "plaintext": text}
