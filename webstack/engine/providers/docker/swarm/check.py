"""Refuses services of which Docker would make nothing, or nothing that ever runs."""

from __future__ import annotations

from collections.abc import Iterator

from webstack.engine.model.provider import Properties, ProviderError


def check_service(name: str, inputs: Properties) -> None:
    """Check what concerns several properties; raises ProviderError naming each problem."""
    problems = [*_modes(inputs), *_files(inputs), *_networks(inputs), *_ports(inputs)]
    if problems:
        raise ProviderError(f'docker service "{name}": {"; ".join(problems)}')


def is_global(inputs: Properties) -> bool:
    """Tell whether a service has one task on each node."""
    return (inputs.get("mode") or {}).get("global") is True


def _modes(inputs: Properties) -> Iterator[str]:
    if not is_global(inputs):
        return
    if inputs["mode"].get("replicated") is not None:
        yield "mode.global and mode.replicated exclude each other"
    if inputs.get("convergeConfig") is not None:
        yield "convergeConfig waits for replicas, of which mode.global has no number; leave it out"


def _files(inputs: Properties) -> Iterator[str]:
    container = inputs["taskSpec"]["containerSpec"]
    for kind in ("secret", "config"):
        for index, file in enumerate(container.get(f"{kind}s") or ()):
            if not file.get(f"{kind}Name"):
                where = f"taskSpec.containerSpec.{kind}s[{index}].{kind}Name"
                yield f"{where} is missing: Docker wants the name as well as the id"


def _networks(inputs: Properties) -> Iterator[str]:
    for index, network in enumerate(inputs["taskSpec"].get("networksAdvanceds") or ()):
        if not network.get("id") and not network.get("name"):
            yield f"taskSpec.networksAdvanceds[{index}].id is missing"


def _ports(inputs: Properties) -> Iterator[str]:
    ports = (inputs.get("endpointSpec") or {}).get("ports") or ()
    on_host = any(port.get("publishMode") == "host" for port in ports)
    order = (inputs.get("updateConfig") or {}).get("order")
    if is_global(inputs) and on_host and order == "start-first":
        yield (
            "updateConfig.order start-first would wait for ever: on each node the old task holds "
            "the host's port until it stops; use stop-first"
        )
