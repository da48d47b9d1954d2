"""The state tells which resources must outlive a rollback."""

from __future__ import annotations

import msgspec

from infra.program_input import Kept
from webstack.cli.state.stack_state import (
    GENERATED_SECRET,
    PROVISION,
    SERVICE,
    VOLUME,
    StackState,
)
from webstack.engine.model.values import SECRET, SIGNATURE

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


def test_a_secret_that_the_stack_made_is_read_once_its_state_is_open():
    def state(value: object) -> StackState:
        made = resource(GENERATED_SECRET, "postgres-backup-key", outputs={"value": value})
        return StackState({"deployment": {"resources": [made]}})

    opened = state({SIGNATURE: SECRET, "plaintext": '"the key"'})
    assert opened.generated("postgres-backup-key") == "the key"
    assert opened.generated("another") == ""


def test_containers_that_were_provided_for_are_known():
    provision = resource(PROVISION, "postgres-provision", inputs={"container": "p-dev-postgres"})
    assert StackState({"deployment": {"resources": [provision]}}).provided() == {"p-dev-postgres"}
