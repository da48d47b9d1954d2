"""Names operations by the words and signs that the Pulumi CLI uses."""

from __future__ import annotations

from typing import Final

from webstack.engine.model.steps import Op

TITLES: Final = {"update": "Updating", "refresh": "Refreshing", "destroy": "Destroying"}

SIGNS: Final = {
    Op.SAME: "  ",
    Op.CREATE: "+ ",
    Op.UPDATE: "~ ",
    Op.DELETE: "- ",
    Op.REPLACE: "+-",
    Op.CREATE_REPLACEMENT: "++",
    Op.DELETE_REPLACED: "--",
    Op.READ: "> ",
    Op.READ_REPLACEMENT: ">>",
    Op.READ_DISCARD: "< ",
    Op.DISCARD_REPLACED: "<<",
    Op.REFRESH: "~ ",
    Op.IMPORT: "= ",
    Op.IMPORT_REPLACEMENT: "=>",
    Op.REMOVE_PENDING_REPLACE: "~ ",
}

DOING: Final = {
    Op.SAME: "",
    Op.CREATE: "creating",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.REPLACE: "replacing",
    Op.CREATE_REPLACEMENT: "creating replacement",
    Op.DELETE_REPLACED: "deleting original",
    Op.READ: "reading",
    Op.READ_REPLACEMENT: "reading for replacement",
    Op.READ_DISCARD: "discarding",
    Op.DISCARD_REPLACED: "discarding original",
    Op.REFRESH: "refreshing",
    Op.IMPORT: "importing",
    Op.IMPORT_REPLACEMENT: "importing replacement",
}

DONE: Final = {
    Op.SAME: "",
    Op.CREATE: "created",
    Op.UPDATE: "updated",
    Op.DELETE: "deleted",
    Op.REPLACE: "replaced",
    Op.CREATE_REPLACEMENT: "created replacement",
    Op.DELETE_REPLACED: "deleted original",
    Op.READ: "read",
    Op.READ_REPLACEMENT: "read for replacement",
    Op.READ_DISCARD: "discarded",
    Op.DISCARD_REPLACED: "discarded original",
    Op.REFRESH: "refresh",
    Op.IMPORT: "imported",
    Op.IMPORT_REPLACEMENT: "imported replacement",
}

FORESEEN: Final = {
    Op.SAME: "",
    Op.CREATE: "create",
    Op.UPDATE: "update",
    Op.DELETE: "delete",
    Op.REPLACE: "replace",
    Op.CREATE_REPLACEMENT: "create replacement",
    Op.DELETE_REPLACED: "delete original",
    Op.READ: "read",
    Op.READ_REPLACEMENT: "read for replacement",
    Op.READ_DISCARD: "discard",
    Op.DISCARD_REPLACED: "discard original",
    Op.REFRESH: "refresh",
    Op.IMPORT: "import",
    Op.IMPORT_REPLACEMENT: "import replacement",
}

FAILED: Final = {
    Op.CREATE: "creating failed",
    Op.CREATE_REPLACEMENT: "creating failed",
    Op.UPDATE: "updating failed",
    Op.DELETE: "deleting failed",
    Op.DELETE_REPLACED: "deleting failed",
    Op.READ: "reading failed",
    Op.REFRESH: "refreshing failed",
    Op.IMPORT: "importing failed",
}

COUNTED: Final = ("create", "update", "delete", "replace", "refresh", "import")
PAST: Final = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "refresh": "refreshed",
    "import": "imported",
}


def short(type_: str) -> str:
    """Shorten ``docker:index/container:Container`` to ``docker:index:Container``."""
    package, middle, last = (*type_.split(":"), "", "")[:3]
    module, _, member = middle.partition("/")
    if member and member.lower() == last.lower():
        return f"{package}:{module}:{last}"
    return type_
