"""Secrets that stand where everybody can read them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from infra.policies import Declared, SecretText, policy

_TELLING_NAME = re.compile(
    r"(^|_)(PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRET|TOKEN|CREDENTIALS?|(API|PRIVATE|ACCESS|"
    r"ENCRYPTION|SIGNING|SECRET)_?KEY)(_|$|\d)",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = re.compile(r"_(FILE|PATH|DIR|NAME|ID|URL|TTL|AGE|LENGTH|EXPIRES?)\Z", re.I)
_WELL_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bxox[abpr]-[A-Za-z0-9-]{10,}|\bglpat-[A-Za-z0-9_-]{20}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
)
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.IGNORECASE)
_DIGEST = re.compile(r"\bsha(256|384|512)[:-][A-Za-z0-9+/=]+")
_WORD = re.compile(r"[A-Za-z0-9+_=-]{20,}")
_RANDOM = 0.86
_RANDOM_IN_BOTH_CASES = 0.8
"""Shares of the greatest possible entropy that names, with both cases or not, do not reach."""


@policy(
    fix="make it a secret: secret_environment of the service, or a Pulumi secret; "
    "`webstack config set --secret` keeps one"
)
def plain_secret(resource: Declared) -> Iterator[str]:
    """No environment variable holds a secret in plain text."""
    if resource.kind != "Container":
        return
    for line in resource.known("envs"):
        if not isinstance(line, SecretText):
            name, _, value = line.partition("=")
            if reason := suspicion(name, value):
                yield f"has {name} in plain text: {reason}"


def suspicion(name: str, value: str) -> str | None:
    """Why a variable looks like a secret; None where it does not. The reason shows no value."""
    if not value:
        return None
    if _TELLING_NAME.search(name) and not _POINTS_ELSEWHERE.search(name):
        return "its name says that it is a secret"
    if _WELL_KNOWN.search(value):
        return "its value has the form of a key"
    if _IN_URL.search(value):
        return "its value is an address with a password"
    if any(_is_random(word) for word in _WORD.findall(_DIGEST.sub("", value))):
        return "its value looks random"
    return None


def _is_random(word: str) -> bool:
    """Whether the letters of a long word are spread as chance spreads them."""
    if not any(letter.isdigit() for letter in word) or not any(map(str.isalpha, word)):
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
