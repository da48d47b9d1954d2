"""Environment variables of a service from a file, as `docker run --env-file` and dotenv know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from infra.settings.checks.stack import check
from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from webstack.contract.bounded_files import UnreadableError, read_regular

_LARGEST = 1 << 20
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def with_env_files(settings: Settings, root: Path) -> Settings:
    """Add the variables from services' files to their ``environment``.

    A variable that stands in the settings themselves counts more than one in a file. Raises
    SettingsError for a file that cannot be read, with its line.
    """
    if not any(service.env_file for service in settings.services.values()):
        return settings
    services = {
        name: _with_file(name, service, root) for name, service in settings.services.items()
    }
    whole = msgspec.structs.replace(settings, services=services)
    check(whole)
    return whole


def _with_file(name: str, service: Service, root: Path) -> Service:
    if service.env_file is None:
        return service
    key = f"{NAMESPACE}:services.{name}.env_file: {service.env_file}"
    try:
        text = read_regular(root / service.env_file, _LARGEST).decode()
    except FileNotFoundError:
        raise SettingsError(f"{key}: no such file; name one of the project") from None
    except (UnreadableError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{key}: {error}") from None
    environment = {**variables(text, key), **service.environment}
    return msgspec.structs.replace(service, environment=environment)


def variables(text: str, key: str) -> Mapping[str, str]:
    """Read lines of ``NAME=value``.

    A value may stand in quotes. Nothing in a value is replaced. Raises SettingsError for any other
    line; its message begins with ``key``.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        match = _LINE.fullmatch(said)
        if not match or _UNSEEN.search(said):
            raise SettingsError(
                f"{key}: line {number} is no NAME=value; write one variable a line, # before notes"
            )
        found[match[1]] = _unquoted(match[2].strip())
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] in "\"'" and value[0] == value[-1]
    return value[1:-1] if quoted else value
