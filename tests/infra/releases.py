"""Specifications and records of an imaginary project, for tests."""

from __future__ import annotations

from typing import Any

from infra.base_images import BaseNames
from infra.images.content import Context
from infra.model.records import Origin, Record
from infra.model.specs import Build, Stack, built_image
from infra.model.stack_spec import StackSpec
from infra.parts.assembly import stack_spec
from infra.settings.sections import Service, Settings
from infra.settings.tls import Tls

STACK = Stack("webstack", "dev", "/project", "dev")
BASE = BaseNames(
    *(f"webstack/{name}:0123456789ab" for name in ("debian", "python", "python-build")),
    *(f"webstack/{name}:ba9876543210" for name in ("python-service", "python-service-build")),
)


def made(content: str = "one", /, *, tls: Tls | None = None, **services: Any) -> StackSpec:
    """Give the specification of services with these settings, from sources of one content."""
    wanted = services or {"shop": {"path": "/"}}
    settings = Settings(services=services_of(wanted), **({"tls": tls} if tls else {}))
    return made_of(settings, content)


def services_of(bodies: dict[str, Any]) -> dict[str, Service]:
    """Give services with some properties changed."""
    return {name: Service(source=f"services/{name}", **body) for name, body in bodies.items()}


def made_of(settings: Settings, content: str = "one") -> StackSpec:
    """Give the specification that settings ask for, from sources of one content."""
    return stack_spec(
        STACK,
        settings,
        BASE,
        lambda name: built_image(
            STACK,
            name,
            Build(f"services/{name}", {"UID": "1"}),
            Context(content, {"a.py": content}),
        ),
    )


def record(number: int, what: StackSpec | None = None, **changes: Any) -> Record:
    """Give the record of a release."""
    values: dict[str, Any] = {
        "time": "2026-11-21T12:00:00+00:00",
        "origin": Origin("abc", clean=True, first=number),
        "static": {},
        "secrets": {},
        **changes,
    }
    return Record(number=number, blueprint=(what or made()).without_builds(), **values)
