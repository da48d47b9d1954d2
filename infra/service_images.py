"""Gives each service its image: built from its source, taken as it is, or another service's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.base_images import BaseNames
from infra.images.content import Context
from infra.model import data_servers, specs
from infra.model.backups.files import FOLDER as FILES_SOURCE
from infra.model.backups.files import IMAGE as FILES
from infra.model.backups.files import owners
from infra.model.certificate_keeper import NAME as KEEPER
from infra.model.observe.metrics import goes_out
from infra.model.specs import Build, Image, Stack
from infra.settings import needs
from infra.settings.observe import METRICS
from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from infra.settings.stateful import Stateful
from infra.settings.users import user_id
from webstack.docker.errors import ContextError

PROXY_SOURCE = "proxy"
_INSTALLED = Path("share/webstack")
"""Below Python's prefix: the recipe of nginx's image, for a project that has none of its own."""


def images(stack: Stack, settings: Settings, base: BaseNames) -> dict[str, Image]:
    """Give the image of each service, of the proxy, and of the servers that services need.

    Raises SettingsError if a source cannot be built.
    """
    found = {
        "proxy": _own(stack, "proxy", PROXY_SOURCE, {"PYTHON": base.python}),
        **server_images(stack, settings, base),
    }
    for name, server in settings.stateful.items():
        given = build_arguments(settings, base, name)
        found[name] = _stateful(stack, name, server, given)
    if settings.https and settings.https.mode == "acme":
        bases = {"PYTHON": base.python, "PYTHON_BUILD": base.python_build}
        found[KEEPER] = _own(stack, KEEPER, f"{PROXY_SOURCE}/{KEEPER}", bases)
    for name, service in settings.services.items():
        if service.image:
            found[name] = Image(name, service.image, pulled=True)
        elif service.source:
            found[name] = _built(stack, name, service, build_arguments(settings, base, name))
    shared = {
        name: found[service.image_of]
        for name, service in settings.services.items()
        if service.image_of
    }
    return {**found, **shared}


def build_arguments(settings: Settings, base: BaseNames, name: str) -> dict[str, str]:
    """Give the build arguments that a service gets in addition to its own."""
    return {
        "PYTHON": base.service,
        "PYTHON_BUILD": base.service_build,
        "DEBUG": "1" if settings.debug else "0",
        "UID": str(user_id(name)),
    }


def image_source(folder: str, root: Path, prefix: Path = Path(sys.prefix)) -> str:
    """Give the folder that an image of the stack's own is built from, relative to the project.

    That is the project's own folder of this name if it has one, else the installed one.
    """
    if (root / folder / "Dockerfile").is_file():
        return folder
    return os.path.relpath(prefix.resolve() / _INSTALLED / folder, root.resolve())


def server_images(stack: Stack, settings: Settings, base: BaseNames) -> dict[str, Image]:
    """Give the images of the servers that services need, of what counts requests, and of backups.

    Raises SettingsError.
    """
    observing = {}
    if settings.observed:
        alarms = "1" if goes_out(settings.observed) else ""
        folder, given = f"{PROXY_SOURCE}/{METRICS}", {"PYTHON": base.python, "ALARMS": alarms}
        observing[METRICS] = _own(stack, METRICS, folder, given)
    found = observing | {
        name: _own(
            stack,
            name,
            data_servers.FOLDERS[name],
            data_servers.build_arguments(settings, name, base.python),
        )
        for name in needs.servers(settings)
    }
    if settings.backups and any(owners(settings)):
        found[FILES] = _own(stack, FILES, FILES_SOURCE, {"PYTHON": base.python})
    return found


def _stateful(stack: Stack, name: str, server: Stateful, given: dict[str, str]) -> Image:
    if server.image:
        return Image(name, server.image, pulled=True)
    key, source = f"{NAMESPACE}:stateful.{name}.source: {server.source}", server.source or ""
    root = Path(stack.root).resolve()
    if not Path(root, source).resolve().is_relative_to(root):
        raise SettingsError(f"{key} lies outside of the project; name a folder of it")
    dockerfile = Path(root, source, "Dockerfile")
    if not dockerfile.is_file():
        raise SettingsError(f"{key} has no Dockerfile; name a folder of the project that has one")
    return _image(stack, name, Build(source, given), dockerfile, key)


def _own(stack: Stack, name: str, folder: str, arguments: dict[str, str]) -> Image:
    source = image_source(folder, Path(stack.root))
    dockerfile = Path(stack.root, source, "Dockerfile")
    if not dockerfile.is_file():
        raise SettingsError(f"{source} has no Dockerfile of {name}; install webstack anew")
    return _image(stack, name, Build(source, arguments), dockerfile, source)


def _built(stack: Stack, name: str, service: Service, given: dict[str, str]) -> Image:
    where = f"{NAMESPACE}:services.{name}"
    source = service.source or ""
    context = source if service.context is None else service.context
    for key, folder in (("source", source), ("context", context)):
        _require_inside(stack, f"{where}.{key}: {folder}", folder, service)
    if not Path(stack.root, context).is_dir() and context != source:
        raise SettingsError(f"{where}.context: {context} is no folder; name one of the project")
    usual = service.dockerfile == "Dockerfile" and context == source
    dockerfile = _dockerfile(stack, service, where)
    build = Build(
        context,
        {**given, **service.build_args},
        None if usual else f"{source}/{service.dockerfile}",
        service.target,
    )
    return _image(stack, name, build, dockerfile, f"{where}.source: {source}")


def _dockerfile(stack: Stack, service: Service, where: str) -> Path:
    found = Path(stack.root, service.source or "", service.dockerfile)
    if found.is_file():
        return found
    if service.dockerfile == "Dockerfile":
        raise SettingsError(
            f"{where}.source: {service.source} has no Dockerfile; name a folder of the project "
            "that has one"
        )
    raise SettingsError(
        f"{where}.dockerfile: {service.source} has no file {service.dockerfile}; name one that it "
        "has"
    )


def _require_inside(stack: Stack, key: str, folder: str, service: Service) -> None:
    root = Path(stack.root).resolve()
    if not service.source_outside and not Path(root, folder).resolve().is_relative_to(root):
        raise SettingsError(
            f"{key} lies outside of the project, so that its commit says nothing of it; set "
            "source_outside: true beside it where that is meant"
        )


def _image(stack: Stack, name: str, build: Build, dockerfile: Path, key: str) -> Image:
    folder = Path(stack.root, build.context)
    try:
        return specs.built_image(stack, name, build, Context.of(folder, dockerfile))
    except ContextError as error:
        raise SettingsError(f"{key}: {error}") from None
