"""The one family of errors that the user sees as a single line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class OpsError(Exception):
    """Something the user can mend: names the cause, and the way out where there is one."""

    def __init__(self, cause: str, way_out: str = "") -> None:
        super().__init__(f"{cause}; {way_out}" if way_out else cause)


def failed_preview(stack_urn: str, error: Exception) -> dict[str, Any]:
    """A document as `preview --json` gives, of one that did not get as far as to find anything."""
    return {
        "steps": [{"op": "same", "urn": stack_urn}],
        "diagnostics": [{"message": f"error: {error}\n", "severity": "error"}],
        "changeSummary": {},
    }


def preview_failed(document: Mapping[str, Any]) -> OpsError:
    """What a document of `preview --json` says of its failure."""
    said = [
        str(each["message"]).strip().removeprefix("error: ")
        for each in document.get("diagnostics") or ()
        if each.get("severity") == "error"
    ]
    return OpsError(said[0] if said else "the preview failed without saying why")
