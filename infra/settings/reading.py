"""Reads the settings of one stack from its configuration: once, and whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import NoneType
from typing import Any

import msgspec

from infra.settings.checks.stack import check, declared_secrets
from infra.settings.errors import alternatives, explained, shown, suggestion
from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from infra.settings.tls import Tls
from infra.settings.tls.checks import check_tls
from infra.settings.types import Name

# The settings that something else than the program reads (the command: which engine to use).
_FOREIGN = {"engine"}
_PREFIX = f"{NAMESPACE}:"
_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
PLAIN = {f"{_PREFIX}{name}" for name in {*_FIELDS, *_FOREIGN}}
"""The full keys of all settings: what else is set are secrets that services name."""
_SPELLED_BY_THE_CLI = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \+0000 UTC")
"""How the Pulumi CLI hands over a moment that stands without quotes."""


def read(config: Mapping[str, str], secret_keys: Collection[str] | None = None) -> Settings:
    """Read settings from configuration as Pulumi gives it: ``namespace:key`` to text or JSON.

    ``secret_keys`` are the full keys that are encrypted; it is None where nobody can tell. Raises
    SettingsError for the first key that is wrong.
    """
    raw = {
        key.removeprefix(_PREFIX): value for key, value in config.items() if key.startswith(_PREFIX)
    }
    services = {
        str(_converted(name, Name, f"services.{shown(name)}")): _converted(
            body, Service, f"services.{name}"
        )
        for name, body in _services(raw).items()
    }
    values = {
        key: _converted(_parsed(key, raw[key]), _FIELDS[key].type, key)
        for key in raw
        if key in _FIELDS and key != "services"
    }
    settings = Settings(services=services, **values)
    _refuse_unknown(raw, _checked_secrets(settings, raw, secret_keys))
    check(settings)
    check_tls(settings)
    return settings


def _services(raw: Mapping[str, str]) -> dict[str, Any]:
    value = _json(raw.get("services", "{}"))
    if not isinstance(value, dict) or not value:
        raise SettingsError(
            f"{_PREFIX}services: expected at least one service, as name: {{source: folder}}"
        )
    return value


def _parsed(key: str, text: str) -> Any:
    if set(alternatives(_FIELDS[key].type)) <= {str, NoneType}:
        return _SPELLED_BY_THE_CLI.sub(r"\1T\2Z", text) if key == "expires" else text
    return _json(text)


def _json(text: str) -> Any:
    """Read a text as JSON; gives the text itself if it is none, nothing if it is empty."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text


def _converted(value: Any, type_: Any, key: str) -> Any:
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError:
        raise SettingsError(f"{_PREFIX}{explained(value, type_, key)}") from None


def _checked_secrets(
    settings: Settings, raw: Mapping[str, str], secret_keys: Collection[str] | None
) -> set[str]:
    """Give the settings that are taken as secrets; raises SettingsError if one is none."""
    found = set()
    for where, setting in _secret_settings(settings):
        _check_secret(f"{_PREFIX}{where}", setting, raw, secret_keys)
        found.add(setting)
    return found


def _secret_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give each place where a secret setting is named, with its name."""
    for key, setting in Tls.of(settings.tls).settings.items():
        yield f"tls.{key}", setting
    if observe := settings.observed:
        for key, setting in observe.settings.items():
            yield f"observe.{key}", setting
    for where, _, secret in declared_secrets(settings):
        if secret.setting is not None:
            yield where, secret.setting
    for service, body in settings.services.items():
        for user, password in body.login.items():
            yield f"services.{service}.login.{user}", password.setting
    if settings.postgres and settings.postgres.setting is not None:
        yield "postgres.setting", settings.postgres.setting
    backups = settings.postgres.backups if settings.postgres else None
    if backups and backups.s3:
        yield "postgres.backups.s3.key", backups.s3.key.setting
        yield "postgres.backups.s3.secret", backups.s3.secret.setting


def _check_secret(
    where: str, setting: str, raw: Mapping[str, str], secret_keys: Collection[str] | None
) -> None:
    if setting in _FIELDS or setting in _FOREIGN:
        raise SettingsError(
            f"{where}: {setting} is a setting of the stack and no secret; name another"
        )
    name = shown(setting)
    way_out = f"run `webstack config set --secret {_PREFIX}{name}`"
    if setting not in raw:
        raise SettingsError(f"{where}: the setting {name} is not set; {way_out}")
    if secret_keys is not None and f"{_PREFIX}{setting}" not in secret_keys:
        raise SettingsError(f"{where}: the setting {name} is not encrypted; {way_out}")


def _refuse_unknown(raw: Mapping[str, str], secrets: Collection[str]) -> None:
    for key in raw:
        if key not in _FIELDS and key not in _FOREIGN and key not in secrets:
            raise SettingsError(f"{_PREFIX}{shown(key)}: unknown setting{suggestion(key, _FIELDS)}")
