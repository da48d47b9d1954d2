"""The container that counts requests, as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from infra.model.container_arguments import content
from infra.model.proxy_containers import PROXY_USER
from infra.model.specs import Container, Health, Image, Mount, Stack, in_memory
from infra.settings.observe import METRICS
from proxy import paths
from webstack.contract.container_paths import METRICS_SOCKET, TEMPORARY

STORE_DIRECTORY = "/var/lib/webstack/metrics"
_MEMORY = 48
# Its threads, and those of whoever asks it.
_PIDS = 32


@dataclass(frozen=True)
class Metrics:
    """It reads what nginx tells of requests and which release is in force, and is in no network."""

    image: Image
    container: Container


def metrics(stack: Stack, image: Image) -> Metrics:
    """Give what counts the requests of a stack."""
    made = Container(
        name=stack.named(METRICS),
        image=image.reference,
        # It clears what nginx has written.
        user=f"{PROXY_USER}:{PROXY_USER}",
        cpus=0.5,
        memory=_MEMORY,
        pids=_PIDS,
        grace=5,
        mounts=(
            Mount(paths.REQUESTS_DIRECTORY, volume=stack.volume("proxy", "requests")),
            Mount(paths.LINKS_DIRECTORY, volume=stack.volume("proxy", "links"), read_only=True),
            Mount(STORE_DIRECTORY, volume=stack.volume(METRICS, "store")),
        ),
        tmpfs={TEMPORARY: in_memory(PROXY_USER, 4)},
        health=Health(("CMD", "test", "-S", METRICS_SOCKET)),
        labels={**stack.labels, "webstack.role": METRICS},
    )
    # There is one store, so its name stays; as a label its content makes a change a restart.
    labels = {**made.labels, "webstack.content": content(made)}
    return Metrics(image, replace(made, labels=labels))
