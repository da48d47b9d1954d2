"""What to declare: what the working tree asks for, a release that comes back, or another stack's.

The last two take images as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pulumi
from pulumi.runtime import config

from infra.base_images import BaseNames
from infra.daemon import base_volumes, capacity
from infra.git_revision import origin
from infra.images import dockerfile
from infra.images.content import Context
from infra.model import data_servers, specs
from infra.model.proxy_containers import able_to_take_over
from infra.model.records import Origin, Values
from infra.model.specs import Build, Image, Stack
from infra.model.stack_spec import StackSpec
from infra.parts.assembly import stack_spec
from infra.program_input import Kept, Promotion, ReturningRelease
from infra.rollout import image_volumes
from infra.settings import needs
from infra.settings.reading import read
from infra.settings.sections import NAMESPACE, Settings, SettingsError, without_reload
from infra.settings.users import user_id
from webstack.docker import endpoint
from webstack.docker.errors import ContextError

PROXY_SOURCE = "proxy"
_INSTALLED = Path("share/webstack")
"""Below Python's prefix: the recipe of nginx's image, for a project that has none of its own."""


@dataclass(frozen=True)
class DesiredStack:
    """What to declare.

    ``recorded`` is what a rollback to it would run: the same but for sources that are mounted.
    """

    stack: Stack
    spec: StackSpec
    recorded: StackSpec
    origin: Origin
    values: Values = field(default_factory=dict)
    kept: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def builds(self) -> bool:
        """Whether images are made of sources, and not taken as they are."""
        return self.spec.proxy.image.build is not None


def from_release(returning: ReturningRelease) -> DesiredStack:
    """The release that was handed over; raises SettingsError where it cannot be read."""
    record = returning.release
    back = msgspec.structs.replace(record.origin, rollback_of=record.number)
    recorded = returning.blueprint
    made = replace(recorded, proxy=able_to_take_over(recorded.proxy))
    return DesiredStack(_stack(made.settings), made, made, back, record.secrets, returning.kept)


def from_promotion(promotion: Promotion) -> DesiredStack:
    """The stack's own settings with another's images; raises SettingsError where they do not fit.

    Nothing of the working tree is mounted: what runs is what is in the images.
    """
    wanted = without_reload(_settings())
    base, images = BaseNames.of(wanted.debian), promotion.images
    if images.get("python") != base.python:
        raise SettingsError(
            f"{promotion.stack} runs on the base image {images.get('python')}, and this program "
            f"on {base.python}; check out the commit that {promotion.stack} was deployed from"
        )
    if missing := sorted(wanted.services.keys() - images.keys()):
        raise SettingsError(
            f"{promotion.stack} runs no {', '.join(missing)}; deploy {promotion.stack} first"
        )
    stack = _stack(wanted)
    servers = {
        name: _image(stack, wanted, name, source, arguments)
        for name, source, arguments in _servers(wanted, base, Path(stack.root))
    }
    made = stack_spec(
        stack, wanted, base, lambda name: servers.get(name) or Image(name, images[name])
    )
    made_of = Origin(promotion.commit, promotion.clean)
    return DesiredStack(stack, made, made, made_of, kept=_kept(wanted))


def from_working_tree() -> DesiredStack:
    """What the configuration asks for; raises SettingsError or proxy.RouteError."""
    wanted = _settings()
    stack, baked = _stack(wanted), without_reload(wanted)
    base = BaseNames.of(wanted.debian)
    images = {
        name: _image(stack, wanted, name, source, arguments)
        for name, source, arguments in _sources(wanted, base, Path(stack.root))
    }
    recorded = stack_spec(stack, baked, base, images.__getitem__)
    _refuse_lost_volumes(Path(stack.root), recorded)
    made_of = origin(stack.root, pulumi.log.warn)
    if _daemon_is_elsewhere():
        return DesiredStack(stack, recorded, recorded, made_of, kept=_kept(wanted))
    running = stack_spec(stack, wanted, base, images.__getitem__)
    return DesiredStack(stack, running, recorded, made_of, kept=_kept(wanted))


def _refuse_lost_volumes(root: Path, made: StackSpec) -> None:
    """Raise SettingsError for folders of images that would be lost at each release.

    The daemon is asked only of services that start from another image than the stack's own.
    """
    own = {made.base.service, made.base.service_build, "scratch"}

    def inherited(image: str) -> tuple[str, ...]:
        return () if image in own else base_volumes.of_image(image)

    refused = []
    for release in made.releases:
        if build := release.image.build:
            text = (root / build.context / "Dockerfile").read_text(errors="replace")
            said = dockerfile.read(text, build.arguments)
            container = release.replicas[0].container
            if lost := image_volumes.foreseen(said, container, inherited):
                refused.append(image_volumes.refusal(release.service, "Dockerfile", lost))
    if refused:
        raise SettingsError("\n".join(refused))


def _kept(wanted: Settings) -> dict[str, Kept]:
    """What stays of services that are no longer declared, or no longer have data."""
    return {name: Kept(data=True) for name in wanted.kept}


def _stack(wanted: Settings) -> Stack:
    name = pulumi.get_stack()
    root = pulumi.get_root_directory()
    return Stack(pulumi.get_project(), name, root, wanted.environment or name)


def _settings() -> Settings:
    values = {**config.get_config_env(), **config.CONFIG.get()}
    named = config.get_config_secret_keys_env()
    keys = {key for key in values if key in named or config.is_config_secret(key)}
    settings = read(values, keys)
    capacity.check_certificates(settings)
    here = None if _daemon_is_elsewhere() else capacity.of_this_machine()
    capacity.check_capacity(settings, here, capacity.of_the_daemon)
    return settings


def _daemon_is_elsewhere() -> bool:
    """Whether folders of this machine mean nothing to the Docker daemon."""
    try:
        said = endpoint.named(os.environ, Path.home())
    except endpoint.EndpointError as error:
        raise SettingsError(str(error)) from None
    return said is not None and said.url.startswith(("ssh://", "tcp://"))


def image_source(folder: str, root: Path, prefix: Path = Path(sys.prefix)) -> str:
    """Give the folder that an image of the stack's own is built from, relative to the project.

    That is the project's own folder of this name where it has one, else what is installed.
    """
    if (root / folder / "Dockerfile").is_file():
        return folder
    return os.path.relpath(prefix.resolve() / _INSTALLED / folder, root.resolve())


def _sources(
    wanted: Settings, base: BaseNames, root: Path
) -> list[tuple[str, str, dict[str, str]]]:
    """Of each image its name, folder and build arguments."""
    debug = "1" if wanted.debug else "0"
    shared = {"PYTHON": base.service, "PYTHON_BUILD": base.service_build, "DEBUG": debug}
    services = [
        (name, service.source, {**shared, "UID": str(user_id(name))})
        for name, service in wanted.services.items()
    ]
    proxy = ("proxy", image_source(PROXY_SOURCE, root), {"PYTHON": base.python})
    return [*services, proxy, *_servers(wanted, base, root)]


def _servers(
    wanted: Settings, base: BaseNames, root: Path
) -> list[tuple[str, str, dict[str, str]]]:
    """The same of the servers that services need."""
    return [
        (
            name,
            image_source(data_servers.FOLDERS[name], root),
            data_servers.build_arguments(wanted, name, base.python),
        )
        for name in needs.servers(wanted)
    ]


def _image(
    stack: Stack, wanted: Settings, name: str, source: str, arguments: dict[str, str]
) -> Image:
    context = Path(stack.root) / source
    file = context / "Dockerfile"
    key = f"{NAMESPACE}:services.{name}.source: {source}"
    service = wanted.services.get(name)
    inside = context.resolve().is_relative_to(Path(stack.root).resolve())
    if service and not inside and not service.source_outside:
        raise SettingsError(
            f"{key} lies outside of the project, so that its commit says nothing of it; set "
            "source_outside: true beside it where that is meant"
        )
    if not file.is_file():
        raise SettingsError(f"{key} has no Dockerfile; name a folder of the project that has one")
    build = Build(source, arguments)
    try:
        return specs.built_image(stack, name, build, Context.of(context, file))
    except ContextError as error:
        raise SettingsError(f"{key}: {error}") from None
