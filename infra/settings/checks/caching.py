"""Checks what is said of a service's cache: pure; each check raises SettingsError."""

from __future__ import annotations

from infra.settings.sections import Service, SettingsError

# What tells who asks is never part of a key, and what nginx answers by itself need not be.
_PERSONAL = frozenset(("authorization", "cookie", "proxy-authorization"))
_OWN = frozenset(
    (
        *("connection", "content-length", "expect", "host", "range", "scriptname", "te"),
        *("transfer-encoding", "upgrade", "via", "x-request-id"),
    )
)
_OWN_STARTS = ("if-", "x-forwarded-")


def check_cache(service: Service, where: str) -> None:
    """Raise SettingsError for a header that no answer in a cache may depend on."""
    for name in service.cache.vary if service.cache else ():
        small = name.lower()
        if small in _PERSONAL:
            raise SettingsError(
                f"{where}.cache.vary: {name} says who asks, and answers to that are never kept; "
                "remove it"
            )
        if small in _OWN or small.startswith(_OWN_STARTS):
            raise SettingsError(
                f"{where}.cache.vary: {name} is nginx's own to say or to answer; remove it"
            )
