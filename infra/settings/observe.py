"""Settings of what watches the stack run."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from infra.settings.types import FromSetting, Line, Port

METRICS: Final = "metrics"
"""The name of what counts requests."""
_Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
_Span = Annotated[int, msgspec.Meta(ge=10, le=86400)]
_Bound = Annotated[float, msgspec.Meta(ge=0.001, le=3600)]
_Days = Annotated[int, msgspec.Meta(ge=0, le=365)]


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where alarms are mailed to; ``server`` is a host, with its port unless that is 587."""

    to: Line
    sender: Line
    server: Line
    user: Line | None = None
    password: FromSetting | None = None


class Alarms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wrong, and who is told; per cent, seconds, days of a certificate."""

    errors: _Percent = 1.0
    p95: _Bound | None = None
    span: _Span = 120
    disk: _Percent = 90.0
    certificate: _Days = 7
    webhook: FromSetting | None = None
    email: Mail | None = None
    heartbeat: FromSetting | None = None

    @property
    def settings(self) -> dict[str, str]:
        """Give the names of the secret settings that it uses, by its own keys."""
        said = {
            "webhook": self.webhook,
            "heartbeat": self.heartbeat,
            "email.password": self.email.password if self.email else None,
        }
        return {key: each.setting for key, each in said.items() if each}


class Observe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is watched: requests always; ``port`` is that for Prometheus, on this machine."""

    port: Port | None = None
    token: FromSetting | None = None
    alarms: Alarms = Alarms()

    @property
    def settings(self) -> dict[str, str]:
        """Give the names of the secret settings that it uses, by its own keys."""
        token = {"token": self.token.setting} if self.token else {}
        return {**token, **{f"alarms.{key}": name for key, name in self.alarms.settings.items()}}

    @classmethod
    def of(cls, said: Observe | bool) -> Observe | None:
        """Complete settings that may be written as whether alone; None where nothing is watched."""
        if isinstance(said, Observe):
            return said
        return cls() if said else None
