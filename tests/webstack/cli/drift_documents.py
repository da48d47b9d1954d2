"""Documents of a refresh, and of the update after it, as `pulumi … --json` writes them."""

from typing import Any

STACK = "urn:pulumi:dev::webstack::pulumi:pulumi:Stack::webstack-dev"
CONTAINER = "urn:pulumi:dev::webstack::webstack:service:WebService$docker:index/container:Container"


def step(op: str, urn: str, old: Any = None, new: Any = None, paths: Any = (), **more: Any) -> Any:
    made = {"op": op, "urn": urn, "detailedDiff": {path: {} for path in paths} or None}
    if old is not None:
        made["oldState"] = {"inputs": old, "outputs": old, **more}
    if new is not None:
        made["newState"] = {"inputs": new, "outputs": new, **more}
    return made


def refresh(*steps: Any) -> dict[str, Any]:
    return {"steps": [step("refresh", STACK), *steps]}


def update(*steps: Any) -> dict[str, Any]:
    """Write a document of `preview --refresh`: the refresh, and the update, from the stack on."""
    return {"steps": [step("refresh", STACK), step("same", STACK), *steps]}


WEB = f"{CONTAINER}::web"
