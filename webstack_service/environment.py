"""Reads the settings of a service from its environment variables: once, checked, frozen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Anybody can read this key here, so it is shorter than any other environment accepts.
DEVELOPMENT_KEY = "public-development-key"
DEVELOPMENT_HOSTS = "localhost,.localhost,127.0.0.1,[::1]"
SHORTEST_KEY = 32
SWITCH = {"0": False, "1": True, "false": False, "true": True, "": False}


class BadEnvironmentError(Exception):
    """Tells all the reasons why the service must not start, in one line."""


@dataclass(frozen=True)
class Environment:
    """Holds the settings of a service; secrets stay out of its repr.

    What is not set is an empty text, or None for a path.
    """

    service: str
    release: str
    name: str
    debug: bool
    https: bool
    allowed_hosts: tuple[str, ...]
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    static_root: Path | None
    static_manifest: Path | None

    @property
    def development(self) -> bool:
        """Tell whether comfort comes before safety; no other environment may relax anything."""
        return self.name == "dev"


def service(variables: Mapping[str, str]) -> str:
    """Give the name of the service."""
    return variables.get("WEBSTACK_SERVICE") or "service"


def release(variables: Mapping[str, str]) -> str:
    """Give the name of the release that the container belongs to."""
    return variables.get("WEBSTACK_RELEASE") or "unreleased"


def read(variables: Mapping[str, str], needs: Iterable[str] = ()) -> Environment:
    """Make settings from environment variables; ``needs`` are more that must be set.

    Raises BadEnvironmentError with every reason.
    """
    name = variables.get("ENVIRONMENT") or "production"
    development = name == "dev"
    environment = Environment(
        service=service(variables),
        release=release(variables),
        name=name,
        debug=SWITCH.get(variables.get("DEBUG", "").lower(), False),
        https=SWITCH.get(variables.get("HTTPS", "").lower(), False),
        allowed_hosts=_words(
            variables.get("ALLOWED_HOSTS") or (DEVELOPMENT_HOSTS if development else "")
        ),
        database_url=variables.get("DATABASE_URL", ""),
        secret_key=variables.get("SECRET_KEY") or (DEVELOPMENT_KEY if development else ""),
        static_root=_path(variables.get("STATIC_ROOT")),
        static_manifest=_path(variables.get("STATIC_MANIFEST")),
    )
    missing = (f"{name} is not set" for name in needs if not variables.get(name))
    reasons = [*_unreadable(variables), *missing, *_refusals(environment)]
    if reasons:
        raise BadEnvironmentError("; ".join(reasons))
    return environment


def load(needs: Iterable[str] = (), variables: Mapping[str, str] = os.environ) -> Environment:
    """Read the process's settings; bad ones end it with one line and exit code 1."""
    try:
        return read(variables, needs)
    except BadEnvironmentError as error:
        sys.exit(f"{service(variables)} does not start: {error}")


def _unreadable(variables: Mapping[str, str]) -> Iterator[str]:
    for switch in ("DEBUG", "HTTPS"):
        if variables.get(switch, "").lower() not in SWITCH:
            yield f"{switch} is {variables[switch]!r}, it must be 0 or 1"


def _refusals(environment: Environment) -> Iterator[str]:
    if environment.development:
        return
    if environment.debug:
        yield f"DEBUG is on, and this is {environment.name}"
    if not environment.secret_key:
        yield "SECRET_KEY is not set"
    elif len(environment.secret_key) < SHORTEST_KEY:
        yield f"SECRET_KEY has fewer than {SHORTEST_KEY} characters"
    if not environment.allowed_hosts:
        yield "ALLOWED_HOSTS is not set"
    elif "*" in environment.allowed_hosts:
        yield "ALLOWED_HOSTS is open to every host (*)"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
