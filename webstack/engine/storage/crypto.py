"""Encrypts with a passphrase: the same keys and ciphertexts as the Pulumi CLI's."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from webstack.contract import bounded_files
from webstack.engine.model.errors import PassphraseError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ROUNDS: Final = 1_000_000
_PROOF: Final = "pulumi"
_SECRET = "a secret"  # noqa: S105 - what it is called
_MISSING: Final = (
    "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE "
    "environment variables"
)


class Crypter:
    """Seals and opens texts of one stack. A thread derives the key, once."""

    def __init__(self, salt: str, passphrase: str) -> None:
        """Start deriving the key. A wrong passphrase shows at `verify` or at first use."""
        self.salt = salt
        version, encoded, self._proof = _parts(salt, "encryptionsalt")
        if version != "v1":
            raise PassphraseError(f"unknown encryptionsalt version {version!r}")
        self._key = _derive_soon(passphrase, _decoded(encoded))

    @property
    def is_ready(self) -> bool:
        """Tell whether the key is derived, so that nobody has to wait for it."""
        return self._key.done()

    def verify(self) -> None:
        """Raise PassphraseError unless the salt was made with this passphrase."""
        self._cipher()

    def seal(self, text: str) -> str:
        """Encrypt a text under a fresh nonce."""
        return _seal(self._cipher(), text)

    def open(self, sealed: str) -> str:
        """Decrypt a text that `seal` or the CLI encrypted."""
        return _open(self._cipher(), sealed)

    def _cipher(self) -> AESGCM:
        return _verified(self._key.result(), self._proof)


def new_salt(passphrase: str) -> str:
    """Make the ``encryptionsalt`` of a new stack."""
    salt = os.urandom(8)
    key = _derived(passphrase, salt)
    return f"v1:{base64.b64encode(salt).decode()}:{_seal(_cipher_for(key), _PROOF)}"


def passphrase_from(environ: Mapping[str, str]) -> str:
    """Find the passphrase where the CLI does: in the variable, then in the file it names."""
    if "PULUMI_CONFIG_PASSPHRASE" in environ:
        return environ["PULUMI_CONFIG_PASSPHRASE"]
    file = environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not file:
        raise PassphraseError(_MISSING)
    try:
        return bounded_files.read_any(Path(file), bounded_files.SMALL).decode().strip()
    except UnicodeDecodeError:
        raise PassphraseError(
            f"PULUMI_CONFIG_PASSPHRASE_FILE {file} is not text in UTF-8; write the passphrase anew"
        ) from None
    except OSError as error:
        raise PassphraseError(
            f"cannot read PULUMI_CONFIG_PASSPHRASE_FILE {file}: {error.strerror}"
        ) from error


def _parts(text: str, what: str) -> tuple[str, str, str]:
    parts = text.split(":", 2)
    if len(parts) != 3:
        raise _malformed(what)
    return parts[0], parts[1], parts[2]


def _malformed(what: str) -> PassphraseError:
    return PassphraseError(f"{what} is malformed; restore it from version control")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise PassphraseError(f"malformed base64 in encrypted text: {error}") from error


@lru_cache(maxsize=8)
def _derive_soon(passphrase: str, salt: bytes) -> Future[bytes]:
    worker = ThreadPoolExecutor(1, thread_name_prefix="key")
    key = worker.submit(_derived, passphrase, salt)
    worker.shutdown(wait=False)
    return key


def _derived(passphrase: str, salt: bytes) -> bytes:
    """Derive the key as the CLI does. hashlib takes two to three times as long."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    return PBKDF2HMAC(SHA256(), 32, salt, _ROUNDS).derive(passphrase.encode())


@lru_cache(maxsize=8)
def _verified(key: bytes, proof: str) -> AESGCM:
    cipher = _cipher_for(key)
    try:
        correct = _open(cipher, proof) == _PROOF
    except PassphraseError:
        correct = False
    if not correct:
        raise PassphraseError(
            "incorrect passphrase: PULUMI_CONFIG_PASSPHRASE (or _FILE) must give the one "
            "this stack was made with"
        )
    return cipher


def _cipher_for(key: bytes) -> AESGCM:
    # Imported late: what only lists names or public outputs does without.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _seal(cipher: AESGCM, text: str) -> str:
    nonce = os.urandom(12)
    sealed = cipher.encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(cipher: AESGCM, sealed: str) -> str:
    version, nonce, data = _parts(sealed, _SECRET)
    if version != "v1":
        raise PassphraseError(f"unknown ciphertext version {version!r}")
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(_decoded(nonce), _decoded(data), None).decode()
    except InvalidTag as error:
        raise PassphraseError(
            "a secret does not decrypt with this passphrase; it was sealed for another stack"
        ) from error
    except ValueError as error:  # a nonce of no length that there is, or no text
        raise _malformed(_SECRET) from error
