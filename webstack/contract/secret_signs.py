"""Recognises a secret in plain text: by the words of its name, or the form of its value."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRETS: Final = _words(
    """
    pass passcode pw pwd psw pswd secret secrets token credential credentials cred creds
    """
)
_SECRET_ENDS: Final = (
    *("password", "passwords", "passwd", "passphrase", "secret", "token", "pwd", "pw"),
    *("apikey", "secretkey", "privatekey", "accesskey", "authkey", "pass"),
)
_NO_SECRETS: Final = ("compass", "bypass", "trespass", "surpass", "overpass", "underpass")
_KEYS_TO: Final = _words(
    """
    access account admin aes api app auth cipher client crypto deploy encrypt encryption
    fernet hmac jwt licence license master private root rsa secret service session shared
    sign signing ssh ssl storage tls webhook
    """
)
_TELLS_OF: Final = _words(
    """
    age alg algorithm arn audience backend class cookie count days dir enabled endpoint
    expires expiry field file format hasher hashers header hours id issuer length lifetime
    limit max min minutes mode name param path policy prefix provider ref required seconds
    size suffix timeout ttl type uri url validators version
    """
)
"""Last words of names of something about a secret: where it is, how long it lives."""
_SWITCHES: Final = _words(
    """
    true false yes no on off none null
    """
)
_FILE: Final = re.compile(r"/[\w.-]+(/[\w.-]+)+")
_STANDS_FOR_IT: Final = re.compile(r"[$%]?\{.*|\$\(.*|\$[A-Za-z_]\w*|%[(\w].*|<.*|\[.*|\*+")

_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bPuTTY-User-Key-File-"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\."  # a JSON web token
    r"|\bA[KS]IA[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bya29\.[\w-]{20}"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22}|\bglpat-[\w-]{20}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[\w-]{10}"
    r"|\b[rs]k_(live|test)_\w{10,}|\bwhsec_\w{10,}|\bsk-[A-Za-z]+-[\w-]{20}|\bsk-\w{32}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bkey-[0-9a-f]{32}\b|\bnpm_[A-Za-z0-9]{36}|\bpypi-[\w-]{32}"
    r"|\bdckr_pat_[\w-]{20}|\bdop_v1_[0-9a-f]{64}|\bhvs\.[\w-]{20}|\bhf_[A-Za-z0-9]{30}"
)
_IN_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"(?:(?:proxy-)?authorization:\s*)?(?:bearer|basic|token)\s+(\S+)", re.IGNORECASE
)
_ASSIGNED: Final = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*[\"']?([^;\s&,\"']+)")
_IN_JSON: Final = re.compile(r"\"([^\"]+)\"\s*:\s*\"([^\"]+)\"")
_DIGEST: Final = re.compile(r"\bsha(256|384|512)[:-][A-Za-z0-9+/=]+")
_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{0,16384}-----END CERTIFICATE-----"
)
"""Everybody may read one."""
_WORD: Final = re.compile(r"[A-Za-z0-9+_=-]{20,}")
_LETTERS_OF_A_WORD: Final = 4
"""What names have on average between digits and changes of case."""
_RANDOM: Final = 0.86
_RANDOM_IN_BOTH_CASES: Final = 0.8
"""Shares of the greatest possible entropy that names, with both cases or not, do not reach."""


def suspicion(name: str, value: str) -> str | None:
    """Return why a variable looks like a secret, or None. The reason shows no value."""
    if is_named(name, value):
        return "its name says that it is a secret"
    value = _CERTIFICATE.sub("", value)
    if found := form(value, name):
        return found
    if any(_is_random(word) for word in _WORD.findall(_DIGEST.sub("", value))):
        return "its value looks random"
    return None


def is_named(name: str, value: str) -> bool:
    """Tell whether the name calls its value a secret, and the value may be one."""
    if not value or value.lower() in _SWITCHES or _STANDS_FOR_IT.fullmatch(value):
        return False
    if _FILE.fullmatch(value) or name in ("PWD", "OLDPWD"):
        return False
    parts = _parts(name)
    return bool(parts) and parts[-1] not in _TELLS_OF and _names_secret(parts)


def form(value: str, name: str = "") -> str | None:
    """Return why a value has the form of a secret or contains one, or None."""
    if _KEY.search(value):
        return "its value has the form of a key"
    if any(not _STANDS_FOR_IT.fullmatch(each) for each in _IN_URL.findall(value)):
        return "its value is an address with a password"
    if _is_header(value, name):
        return "its value is what proves who asks"
    if any(is_named(*pair) for pair in _pairs(value)):
        return "its value has a password in it"
    return None


def _parts(name: str) -> list[str]:
    """Return the words of a name, however they are joined: ``smtpPassword``, ``SMTP_PW2``."""
    parts = [part.lower() for part in _PART.findall(name)]
    while parts and parts[-1].isdigit():
        parts.pop()
    return parts


def _names_secret(parts: list[str]) -> bool:
    if any(
        part in _SECRETS or (part.endswith(_SECRET_ENDS) and not part.endswith(_NO_SECRETS))
        for part in parts
    ):
        return True
    return any(after in ("key", "keys") and before in _KEYS_TO for before, after in pairwise(parts))


def _is_header(value: str, name: str) -> bool:
    found = _HEADER.fullmatch(value.strip())
    if not found or _STANDS_FOR_IT.fullmatch(found[1]):
        return False
    is_said = {"auth", "authorization"} & set(_parts(name)) or ":" in value
    return bool(is_said) or any(map(str.isdigit, found[1]))


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    """Yield names and values inside a value: in a DSN, a query, options of a command, JSON."""
    yield from _ASSIGNED.findall(value)
    yield from _IN_JSON.findall(value)


def _is_random(word: str) -> bool:
    """Tell whether the letters of a long word are spread as chance spreads them."""
    if not any(letter.isdigit() for letter in word) or not any(map(str.isalpha, word)):
        return False
    if len(word) >= _LETTERS_OF_A_WORD * len(_PART.findall(word)):
        return False
    if re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", word):
        return len(word) >= 32 and _entropy(word) / math.log2(16) >= _RANDOM
    start = word[:32]  # in a longer one, chance repeats letters too
    both_cases = start.lower() != start != start.upper()
    share = _entropy(start) / math.log2(len(start))
    return share >= (_RANDOM_IN_BOTH_CASES if both_cases else _RANDOM)


def _entropy(word: str) -> float:
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)
