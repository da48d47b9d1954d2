"""The status of a container."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContainerStatus:
    """The status of a container in Docker's word, and how often it was restarted."""

    status: str
    restarts: int

    @property
    def failed(self) -> bool:
        """Tell whether it stopped by itself, even if Docker has started it again since."""
        return self.restarts > 0 or self.status in {"exited", "restarting", "dead"}
