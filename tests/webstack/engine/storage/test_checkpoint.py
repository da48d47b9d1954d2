"""The state file of the real CLI is read and kept verbatim, and refused when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from webstack.engine.model.errors import StateError, UnsupportedError
from webstack.engine.model.state import ResourceState, Snapshot
from webstack.engine.model.values import Secret, plain
from webstack.engine.storage.checkpoint import CheckpointCodec, deployment_of, salt_of
from webstack.engine.storage.crypto import Crypter

RECORDINGS = Path(__file__).parents[3] / "recordings"
CHECKPOINTS = sorted(RECORDINGS.glob("*.checkpoint.json"))


def crypter_for(text: str) -> Crypter:
    return Crypter(salt_of(deployment_of(text)) or "", "x")


def read(path: Path) -> tuple[str, CheckpointCodec, Snapshot]:
    text = path.read_text()
    codec = CheckpointCodec(crypter_for(text))
    return text, codec, codec.decode(deployment_of(text))


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: path.stem)
def test_what_the_cli_wrote_is_written_back_as_it_was(path):
    text, codec, snapshot = read(path)
    document = json.loads(text)
    again = json.loads(codec.encode(snapshot, document["checkpoint"]["stack"]))
    ours, theirs = again["checkpoint"].pop("latest"), document["checkpoint"].pop("latest")
    ours.pop("manifest")
    theirs.pop("manifest")
    assert again == document
    assert ours == theirs


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: path.stem)
def test_a_resource_written_anew_differs_in_nothing_but_its_nonces(path):
    text, _, snapshot = read(path)
    fresh = [replace(resource) for resource in snapshot.resources]
    resealed = CheckpointCodec(crypter_for(text), Crypter(salt_of(deployment_of(text)) or "", "x"))
    document = json.loads(resealed.encode(Snapshot(tuple(fresh)), "s"))
    for ours, theirs in zip(
        document["checkpoint"]["latest"]["resources"],
        deployment_of(text)["resources"],
        strict=True,
    ):
        assert set(ours) == set(theirs)
        assert opened(ours, text) == opened(theirs, text)


def opened(item, text):
    """Give a resource's JSON with its secrets opened."""
    codec = CheckpointCodec(crypter_for(text))
    resource = codec._resource(item)
    return {**item, "inputs": plain(resource.inputs), "outputs": plain(resource.outputs)}


def test_secrets_of_the_cli_are_opened():
    _, _, snapshot = read(RECORDINGS / "01-create.checkpoint.json")
    web = next(item for item in snapshot.resources if item.name == "web")
    assert web.inputs["envs"] == Secret(["TOKEN=s3cr3t-value", "MODE=plain"])
    assert "s3cr3t-value" not in repr(web)


def test_pending_operations_are_read():
    _, _, snapshot = read(RECORDINGS / "19-killed.checkpoint.json")
    assert [(item.type, item.resource.name) for item in snapshot.operations] == [
        ("creating", "eng-bad")
    ]


def test_unknown_fields_survive_a_change_of_options():
    text, codec, snapshot = read(RECORDINGS / "01-create.checkpoint.json")
    changed = tuple(replace(item, protect=True) for item in snapshot.resources)
    written = json.loads(codec.encode(Snapshot(changed), "s"))["checkpoint"]["latest"]
    for ours, theirs in zip(written["resources"], deployment_of(text)["resources"], strict=True):
        assert ours.get("sourcePosition") == theirs.get("sourcePosition")


def test_listing_needs_no_key():
    text = (RECORDINGS / "01-create.checkpoint.json").read_text()
    snapshot = CheckpointCodec(None).decode(deployment_of(text))
    assert snapshot.resources[0].outputs["token"] == Secret(None)


def test_a_secret_never_reaches_the_file_in_the_clear():
    crypter = crypter_for((RECORDINGS / "01-create.checkpoint.json").read_text())
    resource = ResourceState("urn:pulumi:a::b::c::d", "c", False, inputs={"pw": Secret("hunter2")})
    text = CheckpointCodec(crypter).encode(Snapshot((resource,)), "s")
    assert "hunter2" not in text
    assert CheckpointCodec(crypter).decode(deployment_of(text)).resources[0].inputs == {
        "pw": Secret("hunter2")
    }


def test_a_feature_that_the_engine_does_not_know_is_named():
    text = '{"version":4,"features":["taint","views"],"checkpoint":{}}'
    with pytest.raises(UnsupportedError, match="the state's use of views is not supported"):
        deployment_of(text)


def test_newer_features_in_use_are_named_as_the_cli_names_them():
    tainted = ResourceState("urn:pulumi:a::b::c::d", "c", False, taint=True)
    text = CheckpointCodec(None).encode(Snapshot((tainted,)), "s")
    assert text.startswith('{"version":4,"features":["taint"],"checkpoint":{')
    assert CheckpointCodec(None).decode(deployment_of(text)).resources[0].taint
    plain = CheckpointCodec(None).encode(Snapshot((replace(tainted, taint=False),)), "s")
    assert plain.startswith('{"version":3,"checkpoint":{')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "damaged"),
        ('{"version":3,"checkpoint":{"latest":', "damaged"),
        ("[]", "damaged"),
        ('{"version":5,"checkpoint":{}}', "version 5, the embedded engine knows 3 and 4"),
        ('{"version":3,"checkpoint":null}', "damaged"),
    ],
)
def test_a_damaged_or_newer_file_is_one_clear_line(text, says):
    with pytest.raises(StateError, match=says) as caught:
        deployment_of(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("latest", "says"),
    [
        ({"manifest": {"version": "v3.1.0", "magic": "abc"}}, "magic does not fit"),
        ({"snippets": [1]}, "snippets"),
        ({"resources": [{"urn": "urn:pulumi:a::b::c::d"}]}, "damaged"),
        ({"resources": "many"}, "damaged"),
    ],
)
def test_a_state_that_makes_no_sense_is_refused(latest, says):
    with pytest.raises(StateError, match=says):
        CheckpointCodec(None).decode(latest)


def test_a_resource_before_what_it_needs_is_an_integrity_error():
    text = (RECORDINGS / "01-create.checkpoint.json").read_text()
    latest = deployment_of(text)
    latest["resources"].reverse()
    with pytest.raises(StateError, match="stands before what it needs"):
        CheckpointCodec(None).decode(latest)


def test_another_secrets_provider_is_refused():
    with pytest.raises(StateError, match="Pulumi CLI"):
        salt_of({"secrets_providers": {"type": "cloud"}})
