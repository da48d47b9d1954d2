"""Checks of the routes of a stack: pure; each check raises SettingsError."""

from __future__ import annotations

from collections.abc import Iterator

from infra.settings.sections import (
    NAMESPACE,
    Redirection,
    Redirections,
    Service,
    Settings,
    SettingsError,
)


def check_routes(settings: Settings) -> None:
    """Raise SettingsError unless every service has a route, and no route leads to two places."""
    taken: dict[str, str] = {}
    for host in settings.hosts:
        if host in taken:
            raise SettingsError(f"{NAMESPACE}:hosts: {host} stands there twice; remove one")
        taken[host] = "the stack itself (hosts)"
    for host, to in settings.redirect_hosts.items():
        key = f"{NAMESPACE}:redirect_hosts.{host}"
        if host in taken:
            raise SettingsError(f"{key}: it is in {NAMESPACE}:hosts, too; remove one of them")
        if to in settings.redirect_hosts or to.startswith("*"):
            raise SettingsError(f"{key}: {to} serves nothing itself; name the host to go to")
        taken[host] = f"{NAMESPACE}:redirect_hosts"
    _check_redirects(settings.redirects, f"{NAMESPACE}:redirects")
    for name, service in settings.services.items():
        where = f"{NAMESPACE}:services.{name}"
        _check_service(service, where)
        for route in _routes(service):
            if route in taken:
                raise SettingsError(
                    f"{where}: the route {route} is taken by "
                    f"{taken[route]}; give one of them another path or host"
                )
            taken[route] = f"service {name}"


def _routes(service: Service) -> Iterator[str]:
    if service.path:
        yield service.path
    yield from service.hosts


def _check_service(service: Service, where: str) -> None:
    if service.path is None and not service.hosts:
        raise SettingsError(f"{where}: no route; set path, hosts, or both")
    if service.strip_prefix and service.path in (None, "/"):
        raise SettingsError(
            f"{where}.strip_prefix: there is no prefix to take off; set path: /name, or remove it"
        )
    _check_redirects(service.redirects, f"{where}.redirects")


def _check_redirects(redirects: Redirections, where: str) -> None:
    for source, said in redirects.items():
        to = Redirection.of(said).to
        if to.endswith("/*") and not source.endswith("/*"):
            raise SettingsError(
                f"{where}.{source}: {to} ends with /*, which stands for what follows the source; "
                f"write {source}/* for the source, too"
            )
        if to == source:
            raise SettingsError(f"{where}.{source}: it leads to itself; name another address")
