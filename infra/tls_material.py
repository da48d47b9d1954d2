"""Reads the certificate of the settings, from files or secret settings; a preview checks it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from infra.model.certificate_keeper import AcmeFiles
from infra.settings.sections import NAMESPACE, Settings, SettingsError
from infra.settings.tls.checks import served_hosts
from infra.settings.types import FromSetting
from webstack.contract.bounded_files import UnreadableError, read_regular

_LARGEST = 1 << 20
_LARGEST_HOOK = 64 << 10
_SOON = timedelta(days=14)


class Material(NamedTuple):
    """Holds key and chain in one PEM text.

    ``fingerprint`` stands for them where everybody may read. ``warning`` tells of an early end.
    """

    pem: str
    fingerprint: str
    warning: str = ""


def material(
    settings: Settings, root: Path, secrets: Mapping[str, str], now: datetime
) -> Material | None:
    """Give the certificate that nginx is to use; None if the settings name no files.

    ``secrets`` are the values of settings by full key. Raises SettingsError, with one line, if
    nginx could not use it.
    """
    tls = settings.https
    if tls is None or tls.mode != "files":
        return None
    from infra.model.certificates import CertificateError, checked

    parts = {"certificate": tls.certificate, "key": tls.key}
    chain, key = (_read(part, said, root, secrets) for part, said in parts.items())
    try:
        ends = checked(chain, key, served_hosts(settings), now)
    except CertificateError as error:
        where = _named(error.part, parts[error.part])
        raise SettingsError(f"{where} {error}; give one that fits") from None
    soon = f"the certificate ends on {ends:%Y-%m-%d}; renew it" if ends - now < _SOON else ""
    # Of the chain alone: a digest of a key says something of it.
    return Material((key + b"\n" + chain).decode(), hashlib.sha256(chain).hexdigest(), soon)


def _read(
    part: str, said: str | FromSetting | None, root: Path, secrets: Mapping[str, str]
) -> bytes:
    if isinstance(said, FromSetting):
        return secrets.get(f"{NAMESPACE}:{said.setting}", "").encode()
    try:
        return read_regular(root / str(said), _LARGEST)
    except FileNotFoundError:
        raise SettingsError(f"{_named(part, said)}: no such file; name a PEM file") from None
    except (OSError, UnreadableError) as error:
        raise SettingsError(f"{_named(part, said)}: {error}; name a PEM file") from None


def acme_files(settings: Settings, root: Path) -> AcmeFiles:
    """Give what the ordering of certificates takes of the project; raises SettingsError."""
    return AcmeFiles(acme_authority(settings, root), acme_hook(settings, root))


def acme_authority(settings: Settings, root: Path) -> str:
    """Give the certificates that the directory's own is checked by, PEM; empty for the usual ones.

    A key beside them stays where it is. Raises SettingsError.
    """
    tls = settings.https
    if tls is None or tls.acme.authority is None:
        return ""
    from infra.model.certificates import CertificateError, certificates

    part, said = "acme.authority", tls.acme.authority
    try:
        return certificates(_read(part, said, root, {}))
    except CertificateError as error:
        raise SettingsError(f"{_named(part, said)} {error}; name a PEM file that does") from None


def acme_hook(settings: Settings, root: Path) -> str:
    """Give the text of the program that proves hosts by DNS; empty where there is none.

    Raises SettingsError if it is no text, or no program in Python.
    """
    tls = settings.https
    if tls is None or tls.mode != "acme" or tls.acme.hook is None:
        return ""
    where = f"{_named('acme.hook', tls.acme.hook)}"
    try:
        text = read_regular(root / tls.acme.hook, _LARGEST_HOOK).decode()
        compile(text, tls.acme.hook, "exec")
    except FileNotFoundError:
        raise SettingsError(f"{where}: no such file; name a program in Python") from None
    except (OSError, UnreadableError) as error:
        raise SettingsError(f"{where}: {error}; name a program in Python") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SettingsError(f"{where}: {error}; name a program in Python") from None
    return text


def _named(part: str, said: str | FromSetting | None) -> str:
    shown = f"the setting {said.setting}" if isinstance(said, FromSetting) else said
    return f"{NAMESPACE}:tls.{part}: {shown}"
