"""Moves the links of nginx from the old containers to the new ones, or leaves them all."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from infra.model.rollout_plan import RolloutPlan
from infra.rollout.events import Checked, Switched, Timeline
from infra.rollout.traffic.live_proxy import LiveProxy, ProxyStatus
from proxy import paths


@dataclass(frozen=True)
class Switching:
    """Leads an nginx from what it serves now to a new plan; what fails raises ContainerError."""

    proxy: LiveProxy
    new: RolloutPlan
    timeline: Timeline = field(default_factory=Timeline)

    def check(self, before: ProxyStatus) -> None:
        """Let nginx judge the new configuration, and prepare for its reload, if it is another."""
        if self._reloads(before):
            self.proxy.check(self.new.configuration)
            self.timeline.tell(Checked(container=self.proxy.name))
            self.proxy.announce()

    def run(self, before: ProxyStatus) -> None:
        """Give new replicas their links, activate the configuration that names them, and switch.

        If a step fails, links and configuration are put back as they were.
        """
        new, links = self.new.links, before.links
        added = {link: to for link, to in new.items() if link not in links}
        moved = {link: to for link, to in new.items() if links.get(link, to) != to}
        try:
            self.proxy.switch(added)
            if self._reloads(before):
                self.proxy.activate()
            self.proxy.switch(moved)
        except BaseException:
            if before.configuration != self.proxy.status().configuration:
                self.proxy.check(before.configuration)
                self.proxy.activate()
            self.proxy.link(links)
            raise
        self._tell({*added, *moved})

    def _reloads(self, before: ProxyStatus) -> bool:
        return not before.loaded or before.configuration != self.new.configuration

    def _tell(self, links: Set[str]) -> None:
        for name, service in self.new.services.items():
            for number, target in enumerate(service.replicas):
                if paths.link(name, number) in links:
                    self.timeline.tell(Switched(service=name, container=target.container))
