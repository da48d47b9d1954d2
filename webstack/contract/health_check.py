"""Defines what a service is asked to know that it is healthy, and which answers say so."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
"""A part of a host name."""
PATH: Final = r'\A/[!"$-~]*\Z'
HOST: Final = rf"\A(?=.{{1,253}}\Z){LABEL}(\.{LABEL})*(:[0-9]{{1,5}})?\Z"
STATUSES: Final = r"\A[1-5][0-9][0-9]-[1-5][0-9][0-9]\Z"

TrySeconds = Annotated[int, msgspec.Meta(ge=1, le=300)]
HealthPath = Annotated[str, msgspec.Meta(pattern=PATH)]
HealthHost = Annotated[str, msgspec.Meta(pattern=HOST)]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Statuses = Annotated[str, msgspec.Meta(pattern=STATUSES)]


class HealthCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Holds what is asked, and what is accepted; ``timeout`` is of each try, in seconds.

    It is ``asked`` before or after ``before_release``, and of a browser's ``scheme``. Without a
    ``host`` it is one that the proxy passes on to the service.
    """

    path: HealthPath = "/healthz"
    host: HealthHost | None = None
    scheme: Literal["http", "https"] = "http"
    status: Annotated[tuple[Status | Statuses, ...], msgspec.Meta(min_length=1)] = ("200-299",)
    timeout: TrySeconds = 5
    asked: Literal["after", "before"] = "after"

    def __post_init__(self) -> None:
        if backwards := [item for item in self.status if _bounds(item)[0] > _bounds(item)[1]]:
            raise ValueError(f"the range {backwards[0]} runs backwards")

    @classmethod
    def of(cls, said: HealthCheck | str) -> HealthCheck:
        """Return the whole of what may be said by its path alone."""
        return cls(path=said) if isinstance(said, str) else said

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Return the accepted statuses, each as the first and the last of a range."""
        return tuple(_bounds(item) for item in self.status)

    @property
    def accepted(self) -> str:
        """Return the accepted statuses in words."""
        return " or ".join(map(str, self.status))

    def accepts(self, status: int | None) -> bool:
        """Tell whether an answer of this status says that the service is healthy."""
        return status is not None and any(low <= status <= high for low, high in self.ranges)


def _bounds(said: int | str) -> tuple[int, int]:
    low, _, high = str(said).partition("-")
    return int(low), int(high or low)
