"""What a state says of what must outlive a rollback."""

from __future__ import annotations

import msgspec

from infra.program_input import Kept
from webstack.cli.state.stack_state import GENERATED_SECRET, SERVICE, VOLUME, StackState

PARENT = f"urn:pulumi:dev::p::{SERVICE}::shop"


def resource(kind: str, name: str, **more: object) -> dict[str, object]:
    urn = f"urn:pulumi:dev::p::{SERVICE}${kind}::{name}"
    return {"type": kind, "urn": urn, "parent": PARENT, "inputs": {}, **more}


def test_data_volumes_and_made_secrets_are_kept_by_service():
    found = StackState(
        {
            "deployment": {
                "resources": [
                    resource(VOLUME, "shop-data", protect=True),
                    resource(VOLUME, "shop-uploads", protect=True),
                    resource(VOLUME, "shop-sockets"),
                    resource(GENERATED_SECRET, "shop-key", inputs={"serial": 2}),
                ]
            }
        }
    ).kept()
    kept = msgspec.convert(found["shop"], Kept)
    assert kept == Kept(data=True, secrets={"shop-key": 2}, volumes=("uploads",))
    assert kept.all_volumes == ["data", "uploads"]
    assert list(found) == ["shop"]
