"""Claims: marks on the daemon by which all see that another state has taken a volume."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from webstack.contract.ownership import ADOPTED, OWNER, claim_name
from webstack.docker.errors import NotFoundError


def claim(api: Any, volumes: Iterable[str], owner: str) -> None:
    """Put a claim on each of these volumes, in place of any earlier claim."""
    for volume in volumes:
        with suppress(NotFoundError):
            api.remove_volume(claim_name(volume))
        api.create_volume(claim_name(volume), labels={ADOPTED: volume, OWNER: owner})


def release(api: Any, owner: str) -> None:
    """Remove the claims of an owner on volumes that no longer exist."""
    listed = api.volumes()["Volumes"] or ()
    present = {each["Name"] for each in listed}
    for each in listed:
        labels = each["Labels"] or {}
        if labels.get(OWNER) == owner and labels.get(ADOPTED, each["Name"]) not in present:
            api.remove_volume(each["Name"])
