"""A copy beside the backups opens by the passphrase alone, and leaves nothing of the machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webstack.cli.daemon.data.stack_copy import StackCopy, opened, sealed, secrets_alone
from webstack.cli.state.stack_state import CONTAINER, GENERATED_SECRET, STACK
from webstack.cli.terminal.errors import OpsError
from webstack.engine.model.errors import PassphraseError
from webstack.engine.storage.crypto import Crypter, new_salt

URN = "urn:pulumi:production::shop::"
ROOT = f"{URN}{STACK}::shop-production"
SERVER = f"{URN}webstack:data:DataServer::postgres"
PROVIDER = f"{URN}pulumi:providers:pulumi-python::default"
KEY = f"{SERVER}$key"


def resource(urn: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"urn": urn, "type": kind, "custom": kind != STACK, **more}


def state() -> str:
    resources = [
        resource(ROOT, STACK, outputs={"url": "http://old"}),
        resource(PROVIDER, "pulumi:providers:pulumi-python", id="p", outputs={"version": "1"}),
        resource(SERVER, "webstack:data:DataServer", parent=ROOT, outputs={"container": "old"}),
        resource(
            KEY,
            GENERATED_SECRET,
            parent=SERVER,
            id="secret",
            provider=f"{PROVIDER}::p",
            dependencies=[f"{SERVER}$container"],
            outputs={"value": "sealed"},
        ),
        resource(f"{SERVER}$container", CONTAINER, parent=SERVER, id="c"),
    ]
    return json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": resources}})


def test_a_copy_opens_by_its_passphrase_and_by_no_other():
    copy = StackCopy("shop", "production", state(), "config: {}")
    content = sealed(copy, Crypter(new_salt("right"), "right"))
    assert opened(content, "right") == copy
    assert "postgres" not in content
    with pytest.raises(PassphraseError, match="incorrect passphrase"):
        opened(content, "wrong")


@pytest.mark.parametrize("content", [b"", b"{}", b"no", b'{"salt": "v1:a", "content": "b"}'])
def test_what_is_no_copy_is_told_in_one_line(content: bytes):
    with pytest.raises((OpsError, PassphraseError)) as told:
        opened(content, "right")
    assert "\n" not in str(told.value)


def test_secrets_stay_with_what_they_belong_to_and_nothing_else():
    left = json.loads(secrets_alone(state()))["deployment"]["resources"]
    assert [each["urn"] for each in left] == [ROOT, PROVIDER, SERVER, KEY]
    by_urn = {each["urn"]: each for each in left}
    assert by_urn[KEY]["outputs"] == {"value": "sealed"}
    assert by_urn[KEY]["dependencies"] == []
    assert "outputs" not in by_urn[SERVER]
    assert "outputs" not in by_urn[ROOT]
