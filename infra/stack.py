"""The whole stack, from settings to outputs."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi
from pulumi.runtime import config

from infra import model, settings
from infra.base_images import BaseImages, BaseNames
from infra.components.networks import Networks
from infra.components.reverse_proxy import ReverseProxy
from infra.components.web_service import WebService
from infra.content import Context
from infra.model import Image, Stack
from infra.policies.checking import Rulebook
from infra.policies.guard import Guard
from infra.proxy_model import proxy_containers, release_plan
from infra.release import Release
from infra.settings import Settings, SettingsError
from proxy import RouteError

PROXY_SOURCE = "proxy"


def deploy() -> None:
    """Declare the stack that the configuration asks for.

    Raises pulumi.RunError, shown as it is, where a setting is wrong or a policy forbids it.
    """
    try:
        wanted = settings.read(_configuration())
        if _engine_is_elsewhere():
            wanted = settings.without_reload(wanted)
        stack = _stack(wanted)
        guard = Guard(Rulebook(stack.environment, wanted.policies))
        guard.watch()
        declare(stack, wanted)
        guard.judge()
    except (SettingsError, RouteError) as error:
        raise pulumi.RunError(str(error)) from None


def _stack(wanted: Settings) -> Stack:
    name = pulumi.get_stack()
    root = pulumi.get_root_directory()
    return Stack(pulumi.get_project(), name, root, wanted.environment or name)


def _configuration() -> dict[str, str]:
    return {**config.get_config_env(), **config.CONFIG.get()}


def _engine_is_elsewhere() -> bool:
    """Whether folders of this machine mean nothing to the Docker engine."""
    return os.environ.get("DOCKER_HOST", "").startswith(("ssh://", "tcp://"))


def declare(stack: Stack, wanted: Settings) -> None:
    """Declare networks, images, services, proxy and the release that joins them."""
    names = BaseNames.of(wanted.debian)
    arguments = {"PYTHON": names.python, "PYTHON_BUILD": names.python_build}
    base = BaseImages(wanted.debian, names, wanted.certificates)
    networks = Networks(stack)

    releases = [
        model.release(stack, wanted, name, _service_image(wanted, name, arguments), names.python)
        for name in sorted(wanted.services)
    ]
    services = [
        WebService(
            stack, wanted.services[release.service], release, networks.names, base.python_build
        )
        for release in releases
    ]
    proxy_image = _image("proxy", PROXY_SOURCE, {"PYTHON": names.python})
    containers = proxy_containers(stack, wanted, proxy_image, names.python)
    proxy = ReverseProxy(
        stack,
        wanted,
        containers,
        networks.names,
        base.python,
        [service.sockets for service in services],
    )
    running = [container for service in services for container in service.containers]
    release = Release(
        "release",
        release_plan(wanted, containers, releases),
        pulumi.ResourceOptions(depends_on=[proxy.holder, proxy.nginx, *running]),
    )
    _export(wanted, releases, release)


def _service_image(wanted: Settings, name: str, arguments: dict[str, str]) -> Image:
    user = str(model.user_id(name))
    debug = "1" if wanted.debug else "0"
    source = wanted.services[name].source
    return _image(name, source, {**arguments, "UID": user, "DEBUG": debug})


def _image(name: str, source: str, arguments: dict[str, str]) -> Image:
    context = Path(pulumi.get_root_directory()) / source
    dockerfile = context / "Dockerfile"
    if not dockerfile.is_file():
        raise SettingsError(
            f"{settings.NAMESPACE}:services.{name}.source: {source} has no Dockerfile; "
            "name a folder of the project that has one"
        )
    found = Context.of(context, dockerfile)
    return Image(name, f"webstack/{name}", source, arguments, found.digest, found.files)


def _export(wanted: Settings, releases: list[model.Release], release: Release) -> None:
    pulumi.export("url", model.url(wanted))
    pulumi.export(
        "services",
        {
            item.service: {
                "url": model.url(wanted, item.service),
                "image": item.image.reference,
                "containers": [replica.container.name for replica in item.replicas],
            }
            for item in releases
        },
    )
    pulumi.export("release", release.number)
