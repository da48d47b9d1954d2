"""Reads and changes a stack's settings, one key at a time, as ``pulumi config`` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from webstack.engine.model.errors import BackendError, ProjectError
from webstack.engine.project import config, settings_path, yaml_edit
from webstack.engine.project.config import full_key, holds_secure, read_settings
from webstack.engine.project.project import Project
from webstack.engine.project.stack import stack_name
from webstack.engine.storage import files
from webstack.engine.storage.crypto import Crypter, new_salt, passphrase_from


def get(project: Project, stack: str, key: str, *, path: bool = False) -> str:
    """Return one value as text, decrypted if secret; with ``path`` one inside a structure."""
    settings = read_settings(project, stack_name(project, stack))
    plain, below = settings_path.parse(key) if path else (key, ())
    name = full_key(project, plain)
    value = settings_path.found(settings.values.get(name), below)
    if value is None:
        raise ProjectError(f"configuration key '{key}' not found for stack '{stack}'")
    crypter = _crypter(project, settings.salt) if holds_secure(value) else None
    only = config.StackSettings(settings.path, settings.salt, {name: value})
    return config.for_program(only, crypter).values[name]


def listed(project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, str]:
    """Return all values as texts. Secrets are blanked unless they may be shown."""
    settings = read_settings(project, stack_name(project, stack))
    secret = any(holds_secure(value) for value in settings.values.values())
    crypter = _crypter(project, settings.salt) if secret and show_secrets else None
    if secret and not show_secrets:
        return config.shown(settings)
    return dict(config.for_program(settings, crypter).values)


def put(
    project: Project,
    stack: str,
    key: str,
    value: str,
    *,
    secret: bool = False,
    path: bool = False,
) -> None:
    """Set one value. A secret one is sealed with the stack's passphrase.

    By ``path`` it is one inside a structure, which is written anew as a whole.
    """
    stack = stack_name(project, stack)
    plain, below = settings_path.parse(key) if path else (key, ())
    name, before = _written(project, stack, plain)

    def place(stored: Any) -> None:
        _rewrite(project, stack, ("config", name), settings_path.placed(before, below, stored))

    if not secret:
        place(settings_path.typed(value) if below else value)
        return
    with salted(project, stack) as salt:
        place({"secure": _crypter(project, salt).seal(value)})


def remove(project: Project, stack: str, key: str, *, path: bool = False) -> None:
    """Remove one value; by ``path`` one inside a structure."""
    stack = stack_name(project, stack)
    plain, below = settings_path.parse(key) if path else (key, ())
    name, before = _written(project, stack, plain)
    if settings_path.found(before, below) is None:
        raise ProjectError(f"configuration key '{key}' not found for stack '{stack}'")
    if below:
        _rewrite(project, stack, ("config", name), settings_path.removed(before, below))
        return
    file = project.settings_file(stack)
    files.write(file, yaml_edit.without_entry(files.read(file).decode(), ("config", name)))


def ensure_salt(project: Project, stack: str) -> str:
    """Return the stack's salt. A stack without one gets one, in its settings file."""
    settings = read_settings(project, stack)
    if settings.salt is not None:
        return settings.salt
    salt = new_salt(passphrase_from(project.environ))
    _rewrite(project, stack, ("encryptionsalt",), salt)
    return salt


@contextmanager
def salted(project: Project, stack: str) -> Iterator[str]:
    """Yield the stack's salt. A new one is removed again where the caller fails."""
    file = project.settings_file(stack)
    before = files.read(file).decode() if file.exists() else None
    try:
        yield ensure_salt(project, stack)
    except BaseException:
        with suppress(BackendError):
            _restore(file, before)
        raise


def _restore(file: Path, before: str | None) -> None:
    if before is None:
        files.remove(file)
    elif files.read(file).decode() != before:
        files.write(file, before)


def _crypter(project: Project, salt: str | None) -> Crypter:
    if salt is None:
        raise ProjectError("the settings hold secrets but no encryptionsalt to open them with")
    crypter = Crypter(salt, passphrase_from(project.environ))
    crypter.verify()
    return crypter


def _rewrite(project: Project, stack: str, path: tuple[str, ...], value: Any) -> None:
    file = project.settings_file(stack)
    text = files.read(file).decode() if file.exists() else ""
    files.write(file, yaml_edit.with_entry(text, path, value))


def _written(project: Project, stack: str, key: str) -> tuple[str, Any]:
    """Return the key as the file spells it, bare or full, else in full; and its value."""
    file = project.settings_file(stack)
    own = (config.own_values(file) if file.exists() else None) or {}
    full = full_key(project, key)
    bare = full.removeprefix(f"{project.name}:")
    name = bare if bare in own else full
    return name, own.get(name)
