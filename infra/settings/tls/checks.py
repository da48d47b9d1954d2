"""Checks of the settings of HTTPS: pure."""

from __future__ import annotations

from ipaddress import ip_address

from infra.settings.sections import NAMESPACE, Settings, SettingsError
from infra.settings.tls import LETS_ENCRYPT, Acme, Tls

KEEPER = "certificates"
"""The name of what orders certificates, with mode: acme."""
_ACME_PARTS = ("DIRECTORY", "EMAIL", "PROFILE", "AUTHORITY", "HOOK")
_OF_THE_KEEPER = frozenset(
    (*("HOSTS", "PATH", "PYTHONPATH", "HOME"), *(f"ACME_{part}" for part in _ACME_PARTS))
)
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
    if tls.mode == "acme":
        _check_acme(settings, tls)
    elif tls.acme != Acme():
        raise SettingsError(f"{where}.acme: only of use with mode: acme; remove it")
    if tls.hsts_preload and (tls.hsts < _YEAR or not tls.hsts_subdomains):
        raise SettingsError(
            f"{where}.hsts_preload: browsers' lists take hosts with hsts of {_YEAR} at least and "
            "hsts_subdomains: true; set both, or remove it"
        )
    if tls.hsts_subdomains and not tls.hsts:
        raise SettingsError(f"{where}.hsts_subdomains: without hsts it says nothing; set hsts")


def _check_acme(settings: Settings, tls: Tls) -> None:
    where = f"{NAMESPACE}:tls.acme"
    if not tls.acme.directory.startswith("https://"):
        raise SettingsError(f"{where}.directory: {tls.acme.directory} is no https address")
    for kind in ("services", "stateful"):
        if KEEPER not in getattr(settings, kind):
            continue
        raise SettingsError(
            f"{NAMESPACE}:{kind}.{KEEPER}: with tls: acme {KEEPER} is a name of the stack's own; "
            "give it another"
        )
    wild = next((host for host in served_hosts(settings) if host.startswith("*.")), None)
    if wild and tls.acme.hook is None:
        raise SettingsError(
            f"{where}: {wild} cannot be proved by HTTP; name a hook to prove it "
            "by DNS, or the hosts below it"
        )
    reserved = next((name for name in tls.acme.hook_settings if name in _OF_THE_KEEPER), None)
    if reserved or (tls.acme.hook_settings and tls.acme.hook is None):
        why = f"{reserved} is a name of the stack's own" if reserved else "without a hook of no use"
        way = "name another" if reserved else "name a hook, or remove it"
        raise SettingsError(f"{where}.hook_settings: {why}; {way}")
    local = [host for host in served_hosts(settings) if _is_local(host)]
    if local and tls.acme.directory == LETS_ENCRYPT:
        raise SettingsError(
            f"{where}: nobody certifies {', '.join(local)}; give webstack:hosts and the services "
            "names that are public"
        )


def _is_local(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(".localhost")


def served_hosts(settings: Settings) -> list[str]:
    """Give all names that the certificate has to have, those of the stack first."""
    own = (host for service in settings.services.values() for host in service.hosts)
    used = settings.hosts if any(each.path for each in settings.services.values()) else ()
    return list(dict.fromkeys((*used, *sorted(own), *sorted(settings.redirect_hosts))))
