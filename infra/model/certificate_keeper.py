"""The container that orders certificates and renews them, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from infra.model.container_arguments import labelled
from infra.model.proxy_containers import PROXY_USER
from infra.model.specs import (
    Container,
    Health,
    Image,
    Mount,
    Network,
    Stack,
    in_memory,
    named_network,
)
from infra.settings.sections import Settings
from infra.settings.tls.checks import KEEPER, served_hosts
from infra.settings.types import Secret
from proxy import paths
from webstack.contract.container_paths import TEMPORARY

KEEPER_USER = 10110
ACCOUNT = "/var/lib/webstack/account"
NAME = KEEPER
# A try may take a minute and a half.
_LOOKED = f"find {paths.CERTIFICATES_STATUS} -mmin -5 | grep -q ."


class AcmeFiles(NamedTuple):
    """Holds texts of the project that ordering takes; empty where it takes none.

    ``authority`` is PEM by which the directory is trusted, ``hook`` a program that proves hosts.
    """

    authority: str = ""
    hook: str = ""


@dataclass(frozen=True)
class CertificateKeeper:
    """It has a network of its own, with a way out and nobody else in it."""

    image: Image
    container: Container
    network: Network


def certificate_keeper(
    stack: Stack, settings: Settings, image: Image, acme: AcmeFiles
) -> CertificateKeeper | None:
    """Give the keeper of a stack with ``tls: acme``; none for any other.

    ``acme`` is what it takes of the project.
    """
    tls = settings.https
    if tls is None or tls.mode != "acme":
        return None
    said = {
        "HOSTS": ",".join(served_hosts(settings)),
        "ACME_DIRECTORY": tls.acme.directory,
        "ACME_EMAIL": tls.acme.email or "",
        "ACME_PROFILE": tls.acme.profile or "",
        "ACME_AUTHORITY": acme.authority,
        "ACME_HOOK": acme.hook,
    }
    network = named_network(stack, Network(NAME, "", False, "bridge", {}, stack.labels))
    made = Container(
        name=stack.named(NAME),
        image=image.reference,
        user=f"{KEEPER_USER}:{PROXY_USER}",
        cpus=0.5,
        memory=96,
        pids=32,
        grace=5,
        environment={name: value for name, value in said.items() if value},
        secrets={name: Secret(setting=each.setting) for name, each in tls.hook_settings.items()},
        mounts=(
            Mount(paths.CERTIFICATES_DIRECTORY, volume=stack.volume("proxy", "certificates")),
            Mount(ACCOUNT, volume=stack.volume("certificates", "account")),
        ),
        tmpfs={TEMPORARY: in_memory(KEEPER_USER, 16)},
        networks=(network.name,),
        health=Health(("CMD-SHELL", _LOOKED)),
        labels={**stack.labels, "webstack.role": NAME},
    )
    # One at a time orders, so its name stays; its label makes a change a restart.
    return CertificateKeeper(image, labelled(made), network)
