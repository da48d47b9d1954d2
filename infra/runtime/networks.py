"""The networks of a stack."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_docker as docker

from infra.model.specs import Network


class Networks(pulumi.ComponentResource):
    """The networks that the containers of a stack are in; ``names`` has those that exist."""

    names: dict[str, pulumi.Output[str]]

    def __init__(
        self, networks: Sequence[Network], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("webstack:network:Networks", "networks", None, opts)
        made = {network.name: self._made(network).name for network in networks}
        # Releases that were recorded before networks had content in their names say only this.
        plain = {each.resource.rpartition("-")[0]: made[each.name] for each in networks}
        self.names = {**plain, **made}
        self.register_outputs(made)

    def _made(self, network: Network) -> docker.Network:
        labels = [
            docker.NetworkLabelArgs(label=label, value=value)
            for label, value in network.labels.items()
        ]
        return docker.Network(
            network.resource,
            name=network.name,
            internal=network.internal or None,
            driver=network.driver,
            options=dict(network.options) or None,
            labels=labels,
            opts=pulumi.ResourceOptions(parent=self),
        )
