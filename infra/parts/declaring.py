"""Makes resources of any part: its component, image, volumes, secrets and containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import pulumi

from infra.generated_secret import GeneratedSecret
from infra.model.container_arguments import content
from infra.model.specs import Image, Stack
from infra.parts.part import (
    Component,
    Part,
    PartContainer,
    PartProvision,
    PartSecret,
    PartVolume,
)
from infra.provision import Provision
from infra.runtime.containers import hardened_container
from infra.runtime.images import ServiceImage
from infra.runtime.volumes import NamedVolume, memory_volume, volume
from infra.settings.sections import NAMESPACE

_Source = tuple[str, str | None, str | None]
"""A folder, a Dockerfile of it, and a stage of that."""


@dataclass(frozen=True)
class Declaring:
    """Declares one part after another, and keeps what later parts need.

    ``bases`` are the base images by name. ``networks`` are the names that networks really have.
    ``containers`` holds those that are declared, and ``secrets`` the values of parts with a gate,
    by variable.
    """

    stack: Stack
    owner: pulumi.Input[str]
    bases: Mapping[str, pulumi.Resource]
    networks: Mapping[str, pulumi.Input[str]]
    containers: dict[str, pulumi.Resource] = field(default_factory=dict, init=False)
    secrets: dict[str, dict[str, pulumi.Input[str]]] = field(default_factory=dict, init=False)
    _volumes: dict[str, NamedVolume] = field(default_factory=dict, init=False)
    _provided: dict[str, pulumi.Resource] = field(default_factory=dict, init=False)
    _shared: dict[str, pulumi.Input[str]] = field(default_factory=dict, init=False)
    _sources: dict[_Source | None, list[pulumi.Resource]] = field(default_factory=dict, init=False)
    _images: dict[str, ServiceImage] = field(default_factory=dict, init=False)
    _components: dict[str, _Declared] = field(default_factory=dict, init=False)

    def part(self, part: Part) -> None:
        """Declare a part; what it uses has to be declared already."""
        declared = self._component(part.component)
        child = pulumi.ResourceOptions(parent=declared)
        self._secrets_of(part, declared)
        own = {each.name: self._volume(each, declared) for each in part.volumes}
        self._volumes.update(own)
        if part.image:
            declared.image = self._image(part.image, declared, self.bases[part.base])
        made = declared.image.built if declared.image else [self.bases[part.base]]
        needed = [*own, *part.uses]
        needs = [*made, *(self._volumes[name].resource for name in needed)]
        joined = [name for each in part.containers for name in each.container.networks]
        waited = dict.fromkeys([*part.uses, *joined])
        needs += [self._provided[name] for name in waited if name in self._provided]
        for each in part.containers:
            self.containers[each.resource] = self._container(
                each, declared, needs, keeps_name=part.keeps_names
            )
        if part.provision:
            provided = self._provision(part.provision, part.containers, child)
            network = [part.provision.network] if part.provision.network else []
            self._provided.update(dict.fromkeys([*own, *network], provided))
        if part.gate:
            self.secrets[part.component.name] = declared.sealed

    def kept(self, part: Part) -> None:
        """Declare only what outlives the containers of a part: its secrets, and its data."""
        declared = self._component(part.component)
        self._secrets_of(part, declared)
        for each in part.volumes:
            if each.protect:
                self._volumes[each.name] = self._volume(each, declared)

    def end(self) -> None:
        """Declare that the components are complete."""
        for component in self._components.values():
            component.complete()

    def _component(self, component: Component) -> _Declared:
        key = f"{component.type}::{component.name}"
        if key not in self._components:
            self._components[key] = _Declared(component)
        return self._components[key]

    def _secrets_of(self, part: Part, declared: _Declared) -> None:
        child = pulumi.ResourceOptions(parent=declared)
        for secret in part.secrets:
            value = self._secret(secret, child)
            if secret.variable:
                declared.sealed[secret.variable] = value
            if secret.shared_as:
                self._shared[secret.shared_as] = value

    def _image(self, image: Image, parent: _Declared, base: pulumi.Resource) -> ServiceImage:
        """Give the image of a part; several parts may share it.

        Of several images of one source, the first is built before the others: they find its layers.
        """
        if image.name not in self._images:
            build = image.build
            source = (build.context, build.dockerfile, build.target) if build else None
            first = self._sources.get(source, [])
            opts = pulumi.ResourceOptions(parent=parent, depends_on=[base])
            made = ServiceImage(image, opts, first)
            self._images[image.name] = made
            if source:
                self._sources.setdefault(source, made.built)
        return self._images[image.name]

    def _volume(self, each: PartVolume, parent: pulumi.Resource) -> NamedVolume:
        opts = pulumi.ResourceOptions(parent=parent, protect=each.protect or None)
        common = (each.resource, each.name, self.stack, self.owner)
        if each.memory_of is None:
            return volume(*common, opts)
        return memory_volume(*common, each.memory_of, opts, each.memory)

    def _provision(
        self,
        each: PartProvision,
        containers: Sequence[PartContainer],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Resource:
        [made] = [item.container for item in containers if item.resource == each.container]
        tools = [self.bases["python"]] if each.ready else []
        after = pulumi.ResourceOptions(depends_on=[self.containers[each.container], *tools])
        return Provision(
            each.resource,
            made.name,
            content(made),
            made.pids,
            each.commands,
            pulumi.ResourceOptions.merge(opts, after),
            asdict(each.ready) if each.ready else None,
            {path: self._shared[name] for path, name in each.files.items()},
        )

    def _container(
        self,
        each: PartContainer,
        declared: _Declared,
        needs: list[pulumi.Resource],
        *,
        keeps_name: bool,
    ) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(
            parent=declared,
            depends_on=[*needs, *(self.containers[name] for name in each.after)],
            aliases=[pulumi.Alias(name=name) for name in each.formerly] or None,
        )
        names = {name: known.name for name, known in self._volumes.items()}
        secrets = declared.sealed if each.sealed else {}
        return hardened_container(
            each.resource,
            each.container,
            self.networks,
            names,
            secrets,
            opts,
            keeps_name=keeps_name,
        )

    def _secret(self, each: PartSecret, child: pulumi.ResourceOptions) -> pulumi.Input[str]:
        """Give the value of a secret: a server's, as it was, from a setting, or made anew."""
        if each.secret.of is not None:
            return self._shared[each.secret.of]
        restored = None if each.restored is None else pulumi.Output.secret(each.restored)
        if each.secret.setting is None:
            return GeneratedSecret(each.resource, each.secret.serial, restored, child).value
        if restored is not None:
            return restored
        return pulumi.Config(NAMESPACE).require_secret(each.secret.setting)


class _Declared(pulumi.ComponentResource):
    """Declares a component. Its parts share its image and the values of its secrets."""

    def __init__(self, component: Component) -> None:
        super().__init__(component.type, component.name, component.inputs)
        self.image: ServiceImage | None = None
        self.sealed: dict[str, pulumi.Input[str]] = {}
        self._result = component.outputs

    def complete(self) -> None:
        self.register_outputs(dict(self._result))
