"""Opens a stack: its settings, its key, and its state in the backend."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from webstack.engine.model import urn as urns
from webstack.engine.model.errors import ProjectError
from webstack.engine.model.state import Snapshot
from webstack.engine.project import config
from webstack.engine.project.config import ConfigMap, StackSettings
from webstack.engine.project.project import Project
from webstack.engine.storage import checkpoint
from webstack.engine.storage.backend import StateBackend
from webstack.engine.storage.checkpoint import CheckpointCodec
from webstack.engine.storage.crypto import Crypter, passphrase_from

LONGEST: Final = 100
"""What the Pulumi CLI allows the name of a stack, in characters."""
_LETTERS: Final = frozenset(f"{string.ascii_letters}{string.digits}-_.")


class OpenedStack(msgspec.Struct, frozen=True):
    """Holds everything needed to read and write the state of one stack."""

    project: Project
    name: str
    backend: StateBackend
    settings: StackSettings
    crypter: Crypter | None
    opener: Crypter | None
    deployment: Mapping[str, Any]
    """The state as it was when the stack was opened: sealed, as ``stack export`` gives it."""

    def verify_passphrase(self) -> None:
        """Raise PassphraseError before anything is done with a wrong passphrase."""
        for crypter in (self.crypter, self.opener):
            if crypter is not None:
                crypter.verify()

    def verify_settings(self) -> None:
        """Raise ProjectError for settings that are not as the project declares them."""
        config.require_declared(self.project, self.name, self.settings, self.crypter)

    def config(self) -> ConfigMap:
        """Return the settings as the program sees them."""
        return config.for_program(self.settings, self.crypter)

    def codec(self) -> CheckpointCodec:
        """Make a codec for one run."""
        return CheckpointCodec(self.crypter, self.opener)

    def snapshot(self, codec: CheckpointCodec) -> Snapshot:
        """Return the state as it was when the stack was opened."""
        with self.backend.located(self.name):
            return codec.decode(self.deployment)

    def load(self, codec: CheckpointCodec) -> Snapshot:
        """Read the state as it is now."""
        with self.backend.located(self.name):
            return codec.decode(checkpoint.deployment_of(self.backend.read(self.name)))

    def save(self, codec: CheckpointCodec, snapshot: Snapshot) -> None:
        """Write the state."""
        self.backend.write(self.name, codec.encode(snapshot, self.backend.qualified(self.name)))


def is_interrupted(project: Project, stack: str) -> bool:
    """Tell whether the state has operations that began and were not seen to end."""
    backend, name = backend_of(project), stack_name(project, stack)
    if not backend.exists(name):
        return False
    with backend.located(name):
        return bool(checkpoint.deployment_of(backend.read(name)).get("pending_operations"))


def backend_of(project: Project) -> StateBackend:
    """Open a project's state folder."""
    disabled = project.environ.get("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS", "")
    return StateBackend(
        project.state_folder, project.name, keep_backups=disabled.lower() not in ("true", "1")
    )


def stack_name(project: Project, name: str) -> str:
    """Return the plain name of a stack that may be written ``organization/PROJECT/STACK``."""
    *above, plain = name.split("/")
    shown = repr(name) if len(name) < LONGEST else f"{name[:20]!r}…"
    if not plain or above not in ([], ["organization"], ["organization", project.name]):
        raise ProjectError(f"stack {shown}: write STACK or organization/{project.name}/STACK")
    if len(plain) > LONGEST:
        raise ProjectError(f"stack {shown}: its name has more than {LONGEST} characters")
    if not set(plain) <= _LETTERS or not plain.strip("."):
        raise ProjectError(f"stack {shown}: only letters, digits, '-', '_' and '.' may be in it")
    return plain


def outputs_of(project: Project, name: str) -> Mapping[str, Any]:
    """Return the outputs of a stack that another one refers to, secrets as `Secret`."""
    *above, plain = name.split("/")
    other = replace(project, name=above[-1]) if len(above) > 1 else project
    opened = open_stack(other, plain)
    opened.verify_passphrase()
    # The ciphertexts of another stack are of no use in this one's state.
    only_opening = CheckpointCodec(None, opened.opener)
    for resource in opened.load(only_opening).resources:
        if resource.type == urns.STACK_TYPE:
            return resource.outputs
    return {}


def open_stack(project: Project, name: str, settings: StackSettings | None = None) -> OpenedStack:
    """Open an existing stack. A thread derives its key meanwhile.

    Its settings are read unless they are given.
    """
    name = stack_name(project, name)
    backend = backend_of(project)
    with backend.located(name):
        deployment = checkpoint.deployment_of(backend.read(name))
        state_salt = checkpoint.salt_of(deployment)
    settings = settings or config.read_settings(project, name)
    salt = settings.salt or state_salt
    if salt is None:
        return OpenedStack(project, name, backend, settings, None, None, deployment)
    passphrase = passphrase_from(project.environ)
    crypter = Crypter(salt, passphrase)
    opener = crypter if state_salt in (None, salt) else Crypter(str(state_salt), passphrase)
    return OpenedStack(project, name, backend, settings, crypter, opener, deployment)
