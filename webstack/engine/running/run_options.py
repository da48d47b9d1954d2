"""Describes how a run is to be carried out."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from webstack.engine.model.errors import ProjectError


class RunOptions(msgspec.Struct, frozen=True):
    """Holds how to carry out an operation. Targets and replacements are URNs or patterns."""

    parallel: int = 0
    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    replace: tuple[str, ...] = ()
    refresh: bool = False
    expect_no_changes: bool = False
    continue_on_error: bool = False
    exclude_protected: bool = False
    message: str = ""

    def workers(self, environ: Mapping[str, str]) -> int:
        """Return how many steps may run at once: the option, PULUMI_PARALLEL, or 4 per core."""
        given = environ.get("PULUMI_PARALLEL") or "0"
        if not given.isdigit():
            raise ProjectError(f"PULUMI_PARALLEL must be a number, not {given!r}")
        return self.parallel or int(given) or 4 * (os.cpu_count() or 1)

    def goes_on(self, environ: Mapping[str, str]) -> bool:
        """Tell whether independent steps go on after an error."""
        return self.continue_on_error or environ.get("PULUMI_CONTINUE_ON_ERROR", "").lower() in (
            "true",
            "1",
        )
