"""Checks of the settings of HTTPS: pure."""

from __future__ import annotations

from infra.settings.sections import NAMESPACE, Settings, SettingsError

_YEAR = 31536000


def check_tls(settings: Settings) -> None:
    """Raise SettingsError for the first setting of HTTPS that does not fit."""
    tls, where = settings.https, f"{NAMESPACE}:tls"
    if tls is None:
        return
    port = tls.published(settings.port)
    if port == settings.port:
        raise SettingsError(
            f"{where}.port: {port} is the port of clients without TLS, too (webstack:port); "
            "give one of them another"
        )
    for key in ("certificate", "key"):
        said = getattr(tls, key) is not None
        if tls.mode == "files" and not said:
            raise SettingsError(
                f"{where}.{key}: required with mode: files; name a PEM file, or {{setting: name}}"
            )
        if tls.mode != "files" and said:
            raise SettingsError(f"{where}.{key}: only of use with mode: files; remove it")
    if tls.hsts_preload and (tls.hsts < _YEAR or not tls.hsts_subdomains):
        raise SettingsError(
            f"{where}.hsts_preload: browsers' lists take hosts with hsts of {_YEAR} at least and "
            "hsts_subdomains: true; set both, or remove it"
        )
    if tls.hsts_subdomains and not tls.hsts:
        raise SettingsError(f"{where}.hsts_subdomains: without hsts it says nothing; set hsts")
