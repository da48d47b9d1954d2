"""Makes a settings file for a new stack from another's text, with comments, without secrets.

Pure: texts in, texts out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from webstack.cli.terminal.errors import OpsError
from webstack.engine.project import yaml_edit, yaml_files
from webstack.engine.project.config import holds_secure, is_secure

NAMESPACE = "webstack"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_HOSTS = re.compile(r"^ *#.*|^ *- [\w.-]+ *$|\bhosts:\s*\[[^\]]*\]", re.MULTILINE)
"""Where hosts stand: as an item of a list of names, or after their key; comments come first."""
_ENCRYPTION = ("encryptionsalt", "encryptedkey", "secretsprovider")


@dataclass(frozen=True)
class Overrides:
    """Holds what the new stack has otherwise than its model."""

    environment: str
    port: int | None = None
    host: str | None = None
    expires: str | None = None

    def __post_init__(self) -> None:
        if self.port is not None and not 0 < self.port < 65536:
            raise OpsError(f"there is no port {self.port}", "take one from 1 to 65535")
        if self.host is not None and not _HOST.fullmatch(self.host):
            raise OpsError(f'"{self.host}" is no host name', "write one such as qa.example.com")


class Copy(msgspec.Struct, frozen=True):
    """Holds the new file's text, and the keys whose secrets could not be taken along."""

    text: str
    missing: tuple[str, ...] = msgspec.field(default_factory=tuple)


def copied(
    source: str, overrides: Overrides, salt: str | None, sealed_anew: Callable[[str], str] | None
) -> Copy:
    """Write the text for a new stack; ``sealed_anew`` seals a ciphertext of the old one anew.

    Where it is None, no secret is taken along.
    """
    text = source
    for key in _ENCRYPTION:
        text = yaml_edit.without_entry(text, (key,))
    config = dict((yaml_files.parsed(source) or {}).get("config") or {})
    missing = []
    for key, value in config.items():
        if not holds_secure(value):
            continue
        if sealed_anew is None:
            text = yaml_edit.without_entry(text, ("config", key))
            missing.append(str(key))
        else:
            for old in ciphertexts(value):
                text = text.replace(old, sealed_anew(old))
    if overrides.host:
        text = with_host(text, config, overrides.host)
    for name, value in _entries(overrides):
        text = yaml_edit.with_entry(text, ("config", f"{NAMESPACE}:{name}"), value)
    if salt:
        text = f"encryptionsalt: {salt}\n{text}"
    return Copy(text, tuple(missing))


def ciphertexts(value: Any) -> Iterator[str]:
    """Give every sealed text in a raw setting."""
    if is_secure(value):
        yield value["secure"]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from ciphertexts(item)
    elif isinstance(value, list):
        for item in value:
            yield from ciphertexts(item)


def with_host(text: str, config: Mapping[str, Any], host: str) -> str:
    """Give the stack another host in the text, and move those of its services below it."""
    hosts = config.get(f"{NAMESPACE}:hosts") or ["localhost"]
    old = re.compile(rf"(?<![\w-]){re.escape(hosts[0])}(?![\w-]|\.\w)")

    def moved(found: re.Match[str]) -> str:
        return found[0] if found[0].lstrip().startswith("#") else old.sub(host, found[0])

    return yaml_edit.with_entry(_HOSTS.sub(moved, text), ("config", f"{NAMESPACE}:hosts"), [host])


def _entries(overrides: Overrides) -> Iterator[tuple[str, Any]]:
    yield "environment", overrides.environment
    if overrides.port:
        yield "port", overrides.port
    if overrides.expires:
        yield "expires", overrides.expires


def next_port(used: Iterator[int]) -> int:
    """Choose a port above all that other settings files name."""
    return max(used, default=8079) + 1


def moment(duration: str, now: datetime) -> str:
    """Return when something ends that lasts so long from now (``72h``, ``3d``, ``90m``), in UTC."""
    found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", duration)
    if not found:
        raise OpsError(f'"{duration}" is no length of time', "write it as 90m, 72h or 3d")
    ends = now + timedelta(**{_UNITS[found[2]]: int(found[1])})
    return ends.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
