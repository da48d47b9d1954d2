"""Secret settings never reach the state in the clear, not even where the SDK gives them plain."""

from __future__ import annotations

from tests.webstack.engine.stacks import shop
from webstack.engine.model.values import Secret
from webstack.engine.project import settings
from webstack.engine.running.secret_texts import SecretTexts

PROGRAM = """
config = pulumi.Config()
limits = config.get_object("limits")
Thing("a", url="db://user:" + limits["deep"]["pw"] + "@host", plain=limits["plain"])
pulumi.export("whole", limits)
pulumi.export("single", [config.get("token")])
"""


def test_what_the_program_read_as_plain_is_stored_as_secret(tmp_path):
    made = shop(tmp_path / "shop", PROGRAM)
    settings.put(made.project, "dev", "limits.deep.pw", "hunter2", secret=True, path=True)
    settings.put(made.project, "dev", "limits.plain", "open", path=True)
    settings.put(made.project, "dev", "token", "s3cr3t", secret=True)
    assert made.run("up").exit_code == 0
    text = made.state_file.read_text()
    assert "hunter2" not in text
    assert "s3cr3t" not in text
    assert '"plain":"open"' in text
    again = made.run("up")
    assert again.counts.keys() == {"same"}


def test_only_texts_with_a_secret_in_them_are_sealed():
    texts = SecretTexts(["hunter2", "abc", ""])
    given = {"a": "abcd", "short": "abc", "b": ["x hunter2 y", 2], "c": {"d": None, "e": ""}}
    assert texts.sealed(given) == {
        "a": "abcd",
        "short": Secret("abc"),
        "b": [Secret("x hunter2 y"), 2],
        "c": {"d": None, "e": ""},
    }
