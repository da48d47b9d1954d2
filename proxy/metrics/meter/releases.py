"""Tells which release of a service is in force, by the links that a release turns."""

from dataclasses import dataclass, field
from pathlib import Path

_KEPT = 16


@dataclass
class Releases:
    """Remembers the last turns of each service's links in a folder.

    The link of the first replica leads to ``…/<release>-<replica>.<group>.sock``. When it was made
    is when it was turned.
    """

    links: Path
    _turns: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def look(self) -> None:
        """See which releases the links lead to now."""
        try:
            found = list(self.links.glob("*-0.sock"))
        except OSError:
            return
        for link in found:
            try:
                made, leads_to = link.lstat().st_mtime, link.readlink().name
            except OSError:  # it was turned in this moment
                continue
            self._turned(link.name.removesuffix("-0.sock"), made, leads_to.partition("-")[0])

    def of(self, service: str, began: float) -> str:
        """Give the release that served a request that began then; the first known for older."""
        turns = self._turns.get(service, [])
        for made, release in reversed(turns):
            if made <= began:
                return release
        return turns[0][1] if turns else ""

    @property
    def in_force(self) -> dict[str, str]:
        """Give the release that serves now, by service."""
        return {service: turns[-1][1] for service, turns in self._turns.items()}

    def _turned(self, service: str, made: float, release: str) -> None:
        turns = self._turns.setdefault(service, [])
        if not turns or turns[-1] != (made, release):
            turns.append((made, release))
            del turns[:-_KEPT]
