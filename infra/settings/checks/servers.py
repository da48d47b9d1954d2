"""Checks of a service's application server: pure; each check raises SettingsError."""

from __future__ import annotations

from infra.settings.sections import Service, SettingsError
from webstack.contract.application_servers import ASGI


def check_server(service: Service, where: str) -> None:
    """Raise SettingsError for a setting that does not fit the service's application server."""
    if service.server and not service.app:
        raise SettingsError(
            f"{where}.server: {service.server} is not told what to serve; name it: app: "
            "project.asgi:application"
        )
    if not service.app:
        return
    if service.command:
        raise SettingsError(
            f"{where}.command: app names what is started; remove one of the two, or write the "
            "whole command and no app"
        )
    if service.port:
        raise SettingsError(
            f"{where}.port: {service.server or 'gunicorn'} listens on a socket; remove port"
        )
    if service.server == "daphne" and service.app.endswith("()"):
        raise SettingsError(f"{where}.app: daphne calls no function; name the application itself")
    _check_prefix(service, where)


def _check_prefix(service: Service, where: str) -> None:
    under_path = service.path not in (None, "/") and not service.strip_prefix
    if service.server in ASGI and under_path and service.hosts:
        raise SettingsError(
            f"{where}.hosts: {service.server} takes one prefix for all requests, here "
            f"{service.path}; remove path or hosts, or make another service for one of them"
        )
