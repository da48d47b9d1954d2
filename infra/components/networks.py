"""The two networks of a stack."""

from __future__ import annotations

import pulumi
import pulumi_docker as docker

from infra.model import Stack


class Networks(pulumi.ComponentResource):
    """``edge``, from which the proxy publishes; ``internal``, which has no way out."""

    names: dict[str, pulumi.Output[str]]

    def __init__(self, stack: Stack, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("webstack:network:Networks", "networks", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        labels = [
            docker.NetworkLabelArgs(label=label, value=value)
            for label, value in stack.labels.items()
        ]
        edge = docker.Network("edge", name=stack.named("edge"), labels=labels, opts=child)
        internal = docker.Network(
            "internal", name=stack.named("internal"), internal=True, labels=labels, opts=child
        )
        self.names = {"edge": edge.name, "internal": internal.name}
        self.register_outputs(self.names)
