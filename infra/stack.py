"""Declares the whole stack: from settings, or from the record of a release, to outputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pulumi

from infra.base_images import BaseImages
from infra.certificate import Certificate
from infra.desired_stack import (
    DesiredStack,
    configured,
    from_promotion,
    from_release,
    from_working_tree,
)
from infra.identity import Identity
from infra.logins import Logins, lines_of
from infra.model import specs
from infra.model.container_arguments import CONTENT_LABEL
from infra.model.proxy_containers import PROXY_USER
from infra.model.stack_spec import StackSpec
from infra.parts.assembly import parts_of
from infra.parts.declaring import Declaring
from infra.policies.checking import Rulebook
from infra.policies.guard import Guard
from infra.program_input import data_first, promoted, returning_release
from infra.release import Release
from infra.runtime.networks import Networks
from infra.settings.sections import NAMESPACE, SettingsError
from infra.settings.tls.checks import served_hosts
from infra.tls_material import material
from proxy import RouteError


def deploy() -> None:
    """Declare the stack that the configuration asks for, or the release that comes back.

    Raises pulumi.RunError if a setting is wrong or a policy forbids it. Pulumi shows its message as
    it is.
    """
    try:
        desired = _desired()
        rules = desired.spec.settings.policies
        guard = Guard(Rulebook(desired.stack.environment, rules))
        guard.watch()
        declare(desired)
        guard.judge()
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    except RouteError as error:
        raise pulumi.RunError(f"{NAMESPACE}:services: {error}") from None


def _desired() -> DesiredStack:
    if returning := returning_release():
        return from_release(returning)
    promotion = promoted()
    return from_promotion(promotion) if promotion else from_working_tree()


def declare(desired: DesiredStack) -> None:
    """Declare base images, networks, all parts, and the release that joins them.

    Where data comes first, it is only the parts that keep it, and what others keep: there is no
    release yet.
    """
    stack, made = desired.stack, desired.spec
    base = BaseImages(
        made.settings.debian,
        made.base,
        made.settings.certificates,
        made=desired.builds,
    )
    kept = {
        stack.volume(name, volume)
        for name, each in desired.kept.items()
        for volume in each.all_volumes
    }
    owner = Identity(stack.labels, [*made.volumes | kept]).value
    networks = Networks(made.networks or specs.networks(stack))
    bases = {"python": base.python, "python-service-build": base.service_build}
    declaring = Declaring(stack, owner, bases, networks.names)
    first = data_first()
    for part in parts_of(stack, made, desired.values, desired.kept):
        if part.comes_first or not first:
            declaring.part(part)
        else:
            declaring.kept(part)
    if first:
        declaring.end()
        return
    certificate = _certificate(desired, declaring.containers)
    logins = _logins(desired, declaring.containers)
    declaring.end()
    release = Release(
        "release",
        made,
        desired.recorded,
        desired.origin,
        declaring.secrets,
        pulumi.ResourceOptions(depends_on=[*declaring.containers.values(), *certificate, *logins]),
    )
    _order(made, release)
    _export(made, release)


def _certificate(
    desired: DesiredStack, containers: Mapping[str, pulumi.Resource]
) -> list[pulumi.Resource]:
    """Declare the certificate that nginx uses, if it is given or made here; else nothing."""
    made = desired.spec
    tls = made.settings.https
    if tls is None or tls.mode == "acme":
        return []
    root = Path(desired.stack.root)
    now = datetime.now(timezone.utc)  # no input: a stack with a certificate is looked at each time
    found = material(made.settings, root, configured(), now)
    if found and found.warning:
        pulumi.log.warn(f"{NAMESPACE}:tls: {found.warning}")
    return [
        Certificate(
            "certificate",
            tls.mode,
            served_hosts(made.settings),
            made.proxy.nginx.name,
            PROXY_USER,
            pulumi.Output.secret(found.pem) if found else None,
            found.fingerprint if found else "",
            pulumi.ResourceOptions(depends_on=[containers[made.proxy.nginx_resource]]),
        )
    ]


def _logins(
    desired: DesiredStack, containers: Mapping[str, pulumi.Resource]
) -> list[pulumi.Resource]:
    """Declare who may log in to services at nginx; nothing if nobody has to."""
    made = desired.spec
    given = lines_of(made.settings, configured())
    if not given:
        return []
    after = pulumi.ResourceOptions(depends_on=[containers[made.proxy.nginx_resource]])
    return [Logins("logins", made.proxy.nginx.name, PROXY_USER, given, after)]


def _order(made: StackSpec, release: Release) -> None:
    """Declare that the keeper orders, once nginx can answer for the hosts."""
    if made.keeper:
        keeper = made.keeper.container
        Certificate(
            "certificate",
            "acme",
            served_hosts(made.settings),
            keeper.name,
            PROXY_USER,
            fingerprint=keeper.labels[CONTENT_LABEL],
            opts=pulumi.ResourceOptions(depends_on=[release]),
        )


def _export(made: StackSpec, release: Release) -> None:
    pulumi.export("url", specs.url(made.settings))
    pulumi.export(
        "services",
        {
            item.service: {
                "url": specs.url(made.settings, item.service),
                "image": item.image.reference,
                "containers": [replica.container.name for replica in item.replicas],
            }
            for item in made.releases
        },
    )
    pulumi.export("release", release.number)
    if made.settings.expires:
        pulumi.export("expires", made.settings.expires)
