"""The one family of errors that the user sees as a single line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class OpsError(Exception):
    """Something the user can mend: names the cause, and the way out where there is one."""

    def __init__(self, cause: str, way_out: str = "") -> None:
        super().__init__(f"{cause}; {way_out}" if way_out else cause)


def preview_failed(document: Mapping[str, Any]) -> OpsError:
    """What a document of `preview --json` says of its failure."""
    said = [
        str(each["message"]).strip().removeprefix("error: ")
        for each in document.get("diagnostics") or ()
        if each.get("severity") == "error"
    ]
    return OpsError(said[0] if said else "the preview failed without saying why")
