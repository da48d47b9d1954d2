"""A state that no engine can have written is refused before anything relies on it."""

from __future__ import annotations

import json

import pytest

from tests.webstack.engine.stacks import shop
from webstack.engine.model.errors import DamagedStateError, StateError
from webstack.engine.operations import stacks
from webstack.engine.storage.state_validation import validate_state

SOUND = {"urn": "urn:pulumi:dev::shop::a:b:C::d", "type": "a:b:C", "custom": True}


def test_a_sound_state_passes():
    pending = {"type": "creating", "resource": SOUND}
    validate_state(
        {"resources": [{**SOUND, "delete": True}, SOUND], "pending_operations": [pending]}
    )
    validate_state({"resources": None, "manifest": None})


@pytest.mark.parametrize(
    ("latest", "says"),
    [
        ([], "it is not an object"),
        ({"resources": {}}, "it.resources is not a list"),
        ({"secrets_providers": "x"}, "it.secrets_providers is not an object"),
        ({"secrets_providers": {"state": []}}, "secrets_providers.state is not an object"),
        ({"resources": [SOUND, 3]}, r"resources\[1\] is not an object"),
        ({"resources": [{**SOUND, "urn": ""}]}, r"resources\[0\] has no urn"),
        ({"resources": [{**SOUND, "urn": "hello"}]}, "not a URN: 'hello'"),
        ({"resources": [{**SOUND, "outputs": [1]}]}, "outputs is not an object"),
        ({"resources": [{**SOUND, "protect": "no"}]}, "protect is not yes or no"),
        ({"resources": [SOUND, SOUND]}, "is in it 2 times"),
        ({"pending_operations": [{"type": "odd", "resource": SOUND}]}, "no known type: 'odd'"),
    ],
)
def test_what_is_wrong_is_named(latest, says):
    with pytest.raises(DamagedStateError, match=says):
        validate_state(latest)


@pytest.mark.parametrize("operation", ["preview", "up", "refresh", "destroy"])
@pytest.mark.parametrize(
    "damage", [lambda text: text[:100], lambda text: "", lambda text: text.replace("[{", "[7,{", 1)]
)
def test_the_message_names_the_file_and_where_good_ones_are(tmp_path, damage, operation):
    made = shop(tmp_path / "shop", 'Thing("a")')
    made.run("up")
    text = made.state_file.read_text()
    made.state_file.write_text(damage(text))
    with pytest.raises(StateError) as caught:
        made.run(operation)
    said = str(caught.value)
    assert "\n" not in said
    assert f"Restore {made.state_file} from {made.state_file}.bak" in said
    assert str(made.root / ".state/.pulumi/backups/shop/dev") in said
    assert made.state_file.read_text() == damage(text)


def test_a_damaged_state_is_not_imported(tmp_path):
    made = shop(tmp_path / "shop", 'Thing("a")')
    made.run("up")
    before = made.state_file.read_text()
    document = json.loads(json.dumps(stacks.export(made.project, "dev")))
    document["deployment"]["resources"].append(5)
    with pytest.raises(StateError, match="is not an object"):
        stacks.import_(made.project, "dev", document, lambda _notice: None)
    assert made.state_file.read_text() == before
