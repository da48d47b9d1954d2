"""Reads a stack's settings, Pulumi.<stack>.yaml over the project's defaults, for the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from webstack.contract.yaml_settings import as_text
from webstack.engine.model.errors import ProjectError, UnsupportedError
from webstack.engine.project import yaml_files
from webstack.engine.project.declared_config import require_kept
from webstack.engine.project.project import Project
from webstack.engine.storage.crypto import Crypter

_AUTONAMING: Final = "pulumi:autonaming"


class StackSettings(msgspec.Struct, frozen=True):
    """Holds one settings file over the project's defaults.

    ``values`` are raw (text, structures, ``{"secure": …}``) by full key; ``own`` are those of the
    file itself, keys as they are written.
    """

    path: Path
    salt: str | None = None
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)
    own: Mapping[str, Any] = msgspec.field(default_factory=dict)


@dataclass(frozen=True)
class ConfigMap:
    """Holds what the program receives: texts by full key, and which of the keys are secret.

    ``secret_texts`` are the opened secrets, those inside structures each by itself.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_keys: frozenset[str] = frozenset()
    shown: Mapping[str, str] = field(default_factory=dict)
    secret_texts: frozenset[str] = field(default=frozenset(), repr=False)


def read_settings(project: Project, stack: str) -> StackSettings:
    """Read a stack's file over the project's defaults. A missing file counts as empty."""
    path = project.settings_file(stack)
    document = yaml_files.read(path) if path.exists() else {}
    if document.get("secretsprovider", "passphrase") != "passphrase":
        raise UnsupportedError(f"secretsprovider {document['secretsprovider']!r} in {path.name}")
    if document.get("environment"):
        raise UnsupportedError(f"environment (Pulumi ESC) in {path.name}")
    values = {item.name: item.value for item in project.config if item.value is not None}
    own = _own(document, path)
    values.update({full_key(project, key): value for key, value in own.items()})
    salt = document.get("encryptionsalt")
    return StackSettings(path, str(salt) if salt else None, values, own)


def own_values(path: Path) -> dict[str, Any]:
    """Return the raw values of one settings file, keys as they are written."""
    return _own(yaml_files.read(path), path)


def _own(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    own = document.get("config") or {}
    if not isinstance(own, Mapping):
        raise ProjectError(f"config in {path.name} must be a mapping of keys to values")
    return {str(key): value for key, value in own.items()}


def full_key(project: Project, key: str) -> str:
    """Return a key with its namespace. A bare key belongs to the project."""
    return key if ":" in key else f"{project.name}:{key}"


def for_program(settings: StackSettings, crypter: Crypter | None) -> ConfigMap:
    """Open secrets and turn every value into the text that Pulumi's Config reads."""
    secret = frozenset(key for key, value in settings.values.items() if holds_secure(value))
    if secret and crypter is None:
        raise ProjectError(
            f"{settings.path.name} holds secrets ({', '.join(sorted(secret))}) "
            "but no encryptionsalt to open them with"
        )
    texts = set()

    def opener(sealed: str) -> str:
        plain = crypter.open(sealed) if crypter else _blanked(sealed)
        texts.add(plain)
        return plain

    opened = {
        key: as_text(_mapped(settings.values[key], opener)) for key in sorted(settings.values)
    }
    return ConfigMap(opened, secret, shown(settings), frozenset(texts))


def require_declared(
    project: Project, stack: str, settings: StackSettings, crypter: Crypter | None
) -> None:
    """Refuse settings that break Pulumi.yaml's declarations or are not served."""
    if settings.values.get(_AUTONAMING) not in (None, {}, {"mode": "default"}):
        raise UnsupportedError(f"the setting {_AUTONAMING}")

    def opened(value: Any) -> Any:
        content = _mapped(value, crypter.open if crypter else _blanked)
        return content if isinstance(content, (Mapping, list)) else as_text(content)

    require_kept(
        project.config,
        stack,
        {key: opened(value) for key, value in settings.values.items()},
        lambda key: holds_secure(settings.values.get(key)),
    )


def shown(settings: StackSettings) -> dict[str, str]:
    """Return the values as texts for display, secrets blanked."""
    return {
        key: as_text(_mapped(settings.values[key], _blanked)) for key in sorted(settings.values)
    }


def holds_secure(value: Any) -> bool:
    """Tell whether a raw value is or contains ``{"secure": …}``."""
    if is_secure(value):
        return True
    if isinstance(value, Mapping):
        return any(holds_secure(item) for item in value.values())
    return isinstance(value, list) and any(holds_secure(item) for item in value)


def is_secure(value: Any) -> bool:
    """Tell whether a raw value is one sealed text."""
    return (
        isinstance(value, Mapping)
        and value.keys() == {"secure"}
        and isinstance(value["secure"], str)
    )


def _mapped(value: Any, opened: Callable[[str], str]) -> Any:
    if is_secure(value):
        return opened(value["secure"])
    if isinstance(value, Mapping):
        return {str(key): _mapped(item, opened) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, opened) for item in value]
    return value


def _blanked(_sealed: str) -> str:
    return "[secret]"
