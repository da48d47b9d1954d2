"""Checks of nginx directives that a project writes itself: pure.

They find directives that would reach out of their place. nginx itself judges the rest before a
release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError

_TOKEN = re.compile(
    r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\\.|[{};]|[^\s{};#]+", re.DOTALL
)


def check_own_words(settings: Settings) -> None:
    """Raise SettingsError for directives that would end their place, or reach out of it."""
    for key, text in _texts(settings):
        if problem := _problem(text):
            raise SettingsError(f"{key}: {problem}")
    for name, service in settings.services.items():
        _check_place(service, f"{NAMESPACE}:services.{name}.nginx.server")


def _texts(settings: Settings) -> Iterator[tuple[str, str]]:
    if stack := settings.nginx:
        yield f"{NAMESPACE}:nginx.http", stack.http
        yield f"{NAMESPACE}:nginx.server", stack.server
    for name, service in settings.services.items():
        if own := service.nginx:
            yield f"{NAMESPACE}:services.{name}.nginx.server", own.server
            yield f"{NAMESPACE}:services.{name}.nginx.location", own.location


def _problem(text: str) -> str:
    depth, last = 0, ";"
    for token in _TOKEN.findall(text):
        if token.startswith("#"):
            continue
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            return "a } closes more than was opened; remove it"
        last = token
    if depth:
        return "a { is not closed; add the missing }"
    return "" if last in (";", "}") else f"the last directive, at {last}, does not end; add a ;"


def _check_place(service: Service, key: str) -> None:
    if service.nginx and service.nginx.server.strip() and not service.hosts:
        raise SettingsError(
            f"{key}: it has no hosts of its own, whose server that would be; write location in "
            f"its place, or {NAMESPACE}:nginx.server for all"
        )
