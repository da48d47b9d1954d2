"""Decides what to declare.

That is what the working tree asks for, a release that comes back, or the images of another stack.
The last two take images as they are.
"""

from __future__ import annotations

import os
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
from infra.model.certificate_keeper import NAME as KEEPER
from infra.model.proxy_containers import able_to_take_over
from infra.model.records import Origin, Values
from infra.model.specs import Image, Stack
from infra.model.stack_spec import StackSpec
from infra.parts.assembly import stack_spec
from infra.program_input import Kept, Promotion, ReturningRelease
from infra.rollout.checks import image_volumes
from infra.service_images import images, server_images
from infra.settings import needs
from infra.settings.env_files import with_env_files
from infra.settings.observe import METRICS
from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError, without_reload
from infra.tls_material import acme_files
from webstack.contract import stack_host
from webstack.docker import endpoint


@dataclass(frozen=True)
class DesiredStack:
    """Describes what to declare.

    ``recorded`` is what a rollback to this stack would run. It differs from ``spec`` only in that
    no sources are mounted.
    """

    stack: Stack
    spec: StackSpec
    recorded: StackSpec
    origin: Origin
    values: Values = field(default_factory=dict)
    kept: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def builds(self) -> bool:
        """Tell whether images are built from sources, and not taken as they are."""
        return self.spec.proxy.image.build is not None


def from_release(returning: ReturningRelease) -> DesiredStack:
    """Give the release that was handed over; raises SettingsError if it cannot be read."""
    record = returning.release
    back = msgspec.structs.replace(record.origin, rollback_of=record.number)
    recorded = returning.blueprint
    made = replace(recorded, proxy=able_to_take_over(recorded.proxy))
    return DesiredStack(_stack(made.settings), made, made, back, record.secrets, returning.kept)


def from_promotion(promotion: Promotion) -> DesiredStack:
    """Give the stack's own settings with the images of another stack.

    Nothing of the working tree is mounted: what runs is what is in the images. Raises SettingsError
    if images and settings do not fit together.
    """
    wanted = without_reload(_settings())
    base, given = BaseNames.of(wanted.debian), promotion.images
    if given.get("python") != base.python:
        raise SettingsError(
            f"{promotion.stack} runs on the base image {given.get('python')}, and this program "
            f"on {base.python}; {_way_out(promotion)}"
        )
    stack = _stack(wanted)
    servers = {} if promotion.whole else _servers(stack, wanted, base)
    # One that the other stack runs just so is there already.
    servers = {n: image for n, image in servers.items() if given.get(n) != image.reference}
    needed = {*wanted.services, *wanted.stateful, *needs.servers(wanted)}
    needed |= {KEEPER} if _orders(wanted) else set()
    needed |= {METRICS} if wanted.observed else set()
    if missing := sorted(needed - given.keys() - servers.keys()):
        raise SettingsError(
            f"{promotion.stack} runs no {', '.join(missing)}; "
            + (
                "make a bundle of a stack that does"
                if promotion.whole
                else f"deploy {promotion.stack} first"
            )
        )
    acme = acme_files(wanted, Path(stack.root))
    made = stack_spec(
        stack, wanted, base, lambda name: servers.get(name) or Image(name, given[name]), acme
    )
    made_of = Origin(promotion.commit, promotion.clean)
    return DesiredStack(stack, made, made, made_of, kept=_kept(wanted))


def _way_out(promotion: Promotion) -> str:
    if promotion.whole:
        return "take the project that is in it"
    return f"check out the commit that {promotion.stack} was deployed from"


def _servers(stack: Stack, wanted: Settings, base: BaseNames) -> dict[str, Image]:
    """Give the images of servers that are built or pulled wherever a stack runs."""
    pulled = {
        name: Image(name, server.image, pulled=True)
        for name, server in wanted.stateful.items()
        if server.image
    }
    return server_images(stack, wanted, base) | pulled


def from_working_tree() -> DesiredStack:
    """Give what the configuration asks for; raises SettingsError or proxy.RouteError."""
    wanted = _settings()
    stack, baked = _stack(wanted), without_reload(wanted)
    base = BaseNames.of(wanted.debian)
    acme = acme_files(wanted, Path(stack.root))
    found = images(stack, wanted, base)
    recorded = stack_spec(stack, baked, base, found.__getitem__, acme)
    _refuse_lost_volumes(Path(stack.root), recorded)
    made_of = origin(stack.root, pulumi.log.warn)
    if _daemon_is_elsewhere():
        return DesiredStack(stack, recorded, recorded, made_of, kept=_kept(wanted))
    running = stack_spec(stack, wanted, base, found.__getitem__, acme)
    return DesiredStack(stack, running, recorded, made_of, kept=_kept(wanted))


def _refuse_lost_volumes(root: Path, made: StackSpec) -> None:
    """Raise SettingsError for folders of images that would be lost at each release.

    The daemon is asked only about services that start from another image than the stack's own.
    """
    own = {made.base.service, made.base.service_build, "scratch"}

    def inherited(image: str) -> tuple[str, ...]:
        return () if image in own else base_volumes.of_image(image)

    refused = []
    for release in made.releases:
        if build := release.image.build:
            recipe = build.dockerfile or f"{build.context}/Dockerfile"
            text = (root / recipe).read_text(errors="replace")
            said = dockerfile.read(text, build.arguments)
            container = release.replicas[0].container
            if lost := image_volumes.foreseen(said, container, inherited):
                refused.append(image_volumes.refusal(release.service, "Dockerfile", lost))
    if refused:
        raise SettingsError("\n".join(refused))


def _orders(wanted: Settings) -> bool:
    return wanted.https is not None and wanted.https.mode == "acme"


def _kept(wanted: Settings) -> dict[str, Kept]:
    """Give what stays of services that are no longer declared, or no longer have data."""
    found: dict[str, Kept] = {}
    for each in wanted.kept:
        service, _, volume = each.partition(".")
        before = found.get(service, Kept())
        volumes = (*before.volumes, volume) if volume else before.volumes
        found[service] = Kept(data=before.data or not volume, volumes=volumes)
    return found


def _stack(wanted: Settings) -> Stack:
    name = pulumi.get_stack()
    root = pulumi.get_root_directory()
    return Stack(pulumi.get_project(), name, root, wanted.environment or name)


def configured() -> dict[str, str]:
    """Give the configuration by full key, with secrets in plain text."""
    return {**config.get_config_env(), **config.CONFIG.get()}


def _settings() -> Settings:
    values = configured()
    named = config.get_config_secret_keys_env()
    keys = {key for key in values if key in named or config.is_config_secret(key)}
    settings = with_env_files(read(values, keys), Path(pulumi.get_root_directory()))
    _refuse_another_machine(settings)
    capacity.check_certificates(settings)
    here = None if _daemon_is_elsewhere() else capacity.of_this_machine()
    capacity.check_capacity(settings, here, capacity.of_the_daemon)
    return settings


def _refuse_another_machine(settings: Settings) -> None:
    """Raise SettingsError unless the daemon is that of the stack's host, where it has one."""
    said = _named_daemon()
    if settings.host and (said is None or said.url != settings.host):
        there = said.url if said else "the daemon of this machine"
        raise SettingsError(
            f"{stack_host.SETTING}: the stack runs on {settings.host}, and this is for {there}; "
            'use webstack, or first `eval "$(webstack env STACK)"`'
        )


def _named_daemon() -> endpoint.Endpoint | None:
    try:
        return endpoint.named(os.environ, Path.home())
    except endpoint.EndpointError as error:
        raise SettingsError(str(error)) from None


def _daemon_is_elsewhere() -> bool:
    """Tell whether the Docker daemon runs on another machine, without our folders."""
    said = _named_daemon()
    return said is not None and said.url.startswith(("ssh://", "tcp://"))
