"""The public part of a state holds nothing that is secret."""

from __future__ import annotations

import json

from webstack.cli.state.public_state import public
from webstack.engine.model.values import SECRET, SIGNATURE

SECRETS = {SIGNATURE: SECRET, "plaintext": '["v1:abc", {"key": "v1:x"}]'}
SEALED = {SIGNATURE: SECRET, "plaintext": '"v1:abc"'}


def test_secrets_and_the_key_stay_out_and_all_else_stays():
    state = {
        "version": 3,
        "deployment": {
            "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:salt"}},
            "resources": [
                {
                    "urn": "a",
                    "inputs": {"name": "x", "list": SECRETS},
                    "outputs": {"value": SEALED},
                }
            ],
        },
    }
    text = public(json.dumps(state))
    assert "v1:" not in text
    (resource,) = json.loads(text)["deployment"]["resources"]
    assert resource == {
        "urn": "a",
        "inputs": {"name": "x", "list": ["[secret]", {"key": "[secret]"}]},
        "outputs": {"value": "[secret]"},
    }


def test_an_image_keeps_what_its_provider_compares():
    image = {"urn": "a", "inputs": {"imageName": "x"}, "outputs": {"__inputs": SEALED}}
    text = public(json.dumps({"deployment": {"resources": [image]}}))
    (found,) = json.loads(text)["deployment"]["resources"]
    assert found["outputs"]["__inputs"] == {"imageName": "x"}


def test_a_stack_that_was_never_deployed_has_a_public_state_too():
    empty = {"version": 3, "deployment": {"manifest": {}}}
    assert json.loads(public(json.dumps(empty)))["deployment"]["resources"] == []
