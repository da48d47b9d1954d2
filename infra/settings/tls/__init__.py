"""Settings of HTTPS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from infra.settings.types import FromSetting, Line, Port, Variable

Mode = Literal["off", "development", "files", "acme"]


LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


class Acme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where certificates are ordered; ``authority`` is a PEM file that is trusted there.

    ``hook`` is a program in Python that proves hosts by DNS, with ``hook_settings`` as variables.
    """

    directory: Line = LETS_ENCRYPT
    email: Line | None = None
    profile: Line | None = None
    authority: Line | None = None
    hook: Line | None = None
    hook_settings: dict[Variable, FromSetting] = {}


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """HTTPS; times in seconds. ``certificate`` and ``key`` are PEM files of this machine."""

    mode: Mode = "off"
    port: Port | None = None
    certificate: Line | FromSetting | None = None
    key: Line | FromSetting | None = None
    acme: Acme = Acme()
    profile: Literal["intermediate", "modern"] = "intermediate"
    redirect: bool = True
    hsts: Annotated[int, msgspec.Meta(ge=0, le=126144000)] = 0
    hsts_subdomains: bool = False
    hsts_preload: bool = False

    @classmethod
    def of(cls, said: Tls | Mode) -> Tls:
        """Complete settings of HTTPS that may be written as their mode alone."""
        return said if isinstance(said, Tls) else cls(mode=said)

    def published(self, plain: int) -> int:
        """Give the port for HTTPS; ``plain`` is the port for clients without TLS."""
        return self.port or (443 if plain == 80 else 8443)

    @property
    def hsts_header(self) -> str:
        """Give the header's value that keeps browsers at HTTPS; empty where that is not asked."""
        if not self.hsts:
            return ""
        below = "; includeSubDomains" if self.hsts_subdomains else ""
        return f"max-age={self.hsts}{below}{'; preload' if self.hsts_preload else ''}"

    @property
    def hook_settings(self) -> Mapping[str, FromSetting]:
        """Give the variables of the hook, each with the secret setting that it is."""
        return self.acme.hook_settings if self.mode == "acme" else {}

    @property
    def settings(self) -> dict[str, str]:
        """Give the names of the secret settings that it uses, by its own keys."""
        of_hook = {f"acme.hook_settings.{name}": each for name, each in self.hook_settings.items()}
        said = {"certificate": self.certificate, "key": self.key, **of_hook}
        return {key: each.setting for key, each in said.items() if isinstance(each, FromSetting)}
