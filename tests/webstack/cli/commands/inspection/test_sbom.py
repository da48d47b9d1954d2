import json

import pytest

from tests.webstack.cli.commands.inspection.test_status import FakeDocker
from tests.webstack.cli.daemon.looks.test_packages import CONTENTS
from tests.webstack.cli.release_states import exported, summary
from webstack.cli.commands.inspection import sbom
from webstack.cli.daemon.looks.packages import Contents, Package

OLD = Contents("debian-13", (Package("deb", "openssl", "3.5.1-1", "amd64"),))


@pytest.fixture
def shown(run, session, monkeypatch):
    """Run the command for a stack of two releases, some of whose images may be gone."""

    def shown(*words, gone=()):
        images = {"webstack/shop:1": OLD, "webstack/shop:2": CONTENTS}
        ids = {name: f"sha256:{number}" for number, name in enumerate(images, 1)}
        by_id = {ids[name]: each for name, each in images.items()}
        session.records.deployment = exported(summary(1), summary(2))
        run.docker = FakeDocker([])
        run.docker.api = None
        run.docker.image_id = lambda name: None if name in gone else ids.get(name)
        monkeypatch.setattr(sbom.packages, "of_image", lambda _, image: by_id[image])
        return run("sbom", *words)

    return shown


def test_the_release_in_force_is_listed_unless_another_is_named(shown, capsys):
    assert shown("shop") == 0
    assert len(json.loads(capsys.readouterr().out)["components"]) == 3
    assert shown("shop", "--release", "1") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["metadata"]["component"]["version"] == "1"
    assert len(made["components"]) == 1


def test_what_differs_from_an_earlier_release_is_a_table(shown, capsys):
    assert shown("shop", "--against", "1") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == list(sbom.HEADINGS)
    assert ["deb", "openssl", "3.5.1-1", "3.5.1-1+deb13u1"] in lines
    assert ["pypi", "flask-admin", "2.0"] in lines
    assert shown("shop", "--against", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["now"] == "3.5.1-1+deb13u1"
    assert shown("shop", "--against", "2") == 0
    assert "has the same packages as in 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("shop", "--release", "9"), "there is no release 9; there are: 1, 2"),
        (("blog",), "release 2 has no blog; there are: proxy, shop"),
    ],
)
def test_what_is_not_there_is_told(shown, capsys, words, told):
    assert shown(*words) == 1
    assert told in capsys.readouterr().err


def test_an_image_that_is_gone_is_told(shown, capsys):
    assert shown("shop", "--release", "1", gone=("webstack/shop:1",)) == 1
    assert "webstack/shop:1 of release 1 is on the daemon no more" in capsys.readouterr().err
