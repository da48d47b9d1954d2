"""Defines the errors that the user sees as a single line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class OpsError(Exception):
    """Something the user can mend: names the cause, and the way out where there is one."""

    def __init__(self, cause: str, way_out: str = "") -> None:
        super().__init__(f"{cause}; {way_out}" if way_out else cause)


def failed_preview(stack_urn: str, error: Exception) -> dict[str, Any]:
    """Make the document of `preview --json` for one that failed before it found anything."""
    return {
        "steps": [{"op": "same", "urn": stack_urn}],
        "diagnostics": [{"message": f"error: {error}\n", "severity": "error"}],
        "changeSummary": {},
    }


def preview_failed(document: Mapping[str, Any]) -> OpsError:
    """Make the error that a document of `preview --json` tells of."""
    said = [
        str(each["message"]).strip().removeprefix("error: ")
        for each in document.get("diagnostics") or ()
        if each.get("severity") == "error"
    ]
    return OpsError(said[0] if said else "the preview failed without saying why")
