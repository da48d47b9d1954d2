"""Checks whom a service lets in: pure; each check raises SettingsError."""

from __future__ import annotations

import ipaddress

from infra.settings.sections import Service, SettingsError


def check_access(service: Service, where: str) -> None:
    """Raise SettingsError for a network that is none, or that is let in and refused at once."""
    for key in ("allow", "deny"):
        for network in getattr(service, key):
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise SettingsError(f"{where}.{key}: {error}; name it as such") from None
    if both := sorted({*service.allow} & {*service.deny}):
        raise SettingsError(f"{where}.deny: {both[0]} is in allow, too; remove it from one of them")
