"""The images that a preview changes are looked at where the daemon has them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from tests.webstack.cli.review.write_golden import recording
from webstack.cli.daemon.looks import packages
from webstack.cli.daemon.looks.packages import Contents, Package
from webstack.cli.deployments import stack_daemon
from webstack.cli.deployments.image_looks import look, to_build
from webstack.cli.review.document import Document, Step, checked
from webstack.cli.review.images import image_changes
from webstack.cli.review.reading import review

DOCUMENT = checked(json.loads(recording("code", "cli")))
[IMAGE] = image_changes(DOCUMENT)
BEFORE, AFTER = str(IMAGE.before), str(IMAGE.after)
FLASK = {BEFORE: "3.0.3", AFTER: "3.1.0"}


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Give the images of a daemon, by reference with their sizes; each has a Flask in it."""
    images = {BEFORE: 100, AFTER: 120, "shop/other:1": 7}
    docker = SimpleNamespace(api=None, image_sizes=lambda: images)
    monkeypatch.setattr(stack_daemon, "on_docker", lambda _: docker)

    def contents(_: Any, name: str) -> Contents:
        return Contents("debian-13", (Package("pypi", "flask", FLASK[name]),))

    monkeypatch.setattr(packages, "of_image", contents)
    return images


def test_both_are_looked_at_and_a_review_of_that_document_tells_it(session, daemon):
    found = look(session, DOCUMENT, build=False)
    assert found["sizes"] == {BEFORE: 100, AFTER: 120}
    assert found["packages"] == {IMAGE.name: [("pypi", "flask", "3.0.3", "3.1.0")]}
    document = json.loads(recording("code", "cli")) | json.loads(json.dumps(found))
    [image] = review(checked(document)).images
    assert image.sizes == (100, 120)
    assert [each.after for each in image.packages] == ["3.1.0"]


def test_one_that_the_daemon_has_not_is_left_out(session, daemon):
    del daemon[AFTER]
    assert look(session, DOCUMENT, build=False) == {"sizes": {BEFORE: 100}, "packages": {}}


def test_no_daemon_is_asked_where_no_image_changes(session):
    assert look(session, Document(), build=True) == {}


def test_what_a_preview_would_build_is_known_by_its_steps():
    assert [step.name for step in to_build(DOCUMENT)] == [IMAGE.name]
    assert to_build(Document()) == []


def test_nothing_is_built_on_images_that_are_not_there_yet(session, daemon, capsys):
    base = Step("update", "urn:pulumi:dev::shop::pulumi-python:dynamic/webstack:BaseImage::debian")
    document = replace(DOCUMENT, steps=[*DOCUMENT.steps, base])
    assert look(session, document, build=True)["sizes"] == {BEFORE: 100, AFTER: 120}
    assert "Nothing was built: images that others start from" in capsys.readouterr().err
