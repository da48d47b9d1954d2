"""A bundle's images get onto the daemon once, and only where they fit."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.webstack.cli.bundles.archives import DIGEST, NAME, saved, tar
from tests.webstack.cli.bundles.test_manifest import MANIFEST
from webstack.cli.backends import session_setup
from webstack.cli.bundles.manifest import Manifest, encoded
from webstack.cli.bundles.reading import Bundle
from webstack.cli.bundles.taking import as_input, take
from webstack.cli.terminal.errors import OpsError
from webstack.docker.errors import NotFoundError

OTHER = "blog"
PATH = Path("shop.bundle")
FITTING = msgspec.structs.replace(MANIFEST, images={"web": NAME}, digests={NAME: DIGEST})


class Daemon:
    """A daemon that knows images by name, and takes those of an archive."""

    def __init__(self, known: dict[str, str], takes: dict[str, str], said: str = "") -> None:
        self.known, self.takes, self.said = known, takes, said
        self.loaded = 0

    def info(self) -> dict[str, str]:
        return {"Architecture": "x86_64"}

    def inspect_image(self, name: str) -> dict[str, str]:
        if name not in self.known:
            raise NotFoundError(name)
        return {"Id": self.known[name]}

    def load_image(self, source: Any) -> Iterator[dict[str, str]]:
        assert source.read() == saved()
        self.loaded += 1
        self.known |= self.takes
        yield {"error": self.said} if self.said else {"stream": "Loaded image"}


def bundle(**changed: Any) -> Bundle:
    return Bundle(msgspec.structs.replace(FITTING, **changed), io.BytesIO(saved()))


def test_images_are_loaded_where_one_is_missing_or_another():
    for known in ({}, {NAME: "sha256:other"}):
        daemon = Daemon(dict(known), {NAME: DIGEST})
        take(PATH, bundle(), daemon)
        assert daemon.loaded == 1
        take(PATH, bundle(), daemon)
        assert daemon.loaded == 1


@pytest.mark.parametrize(
    ("changed", "daemon", "words"),
    [
        ({"machine": "aarch64"}, Daemon({}, {}), "for aarch64, and this machine is x86_64"),
        ({}, Daemon({}, {}), f"did not take {NAME} of shop.bundle"),
        ({}, Daemon({}, {}, "no space left"), "does not take the images: no space left"),
    ],
)
def test_what_the_daemon_does_not_take_is_told(changed: Any, daemon: Daemon, words: str):
    with pytest.raises(OpsError, match=words):
        take(PATH, bundle(**changed), daemon)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (msgspec.structs.replace(FITTING, project=OTHER), "is of the project blog, and this is"),
        (msgspec.structs.replace(FITTING, debug=True), "are built with debug: true, and dev wants"),
    ],
)
def test_a_bundle_for_another_stack_is_refused_before_the_daemon_is_asked(
    session: Any,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    manifest: Manifest,
    words: str,
):
    (project / "Pulumi.dev.yaml").write_text("config: {webstack:debug: false}\n")
    monkeypatch.setattr(session_setup, "open_session", lambda *_, **__: session)
    ours = session.project.name
    named = msgspec.structs.replace(manifest, project=OTHER if manifest.project == OTHER else ours)
    file = project / "it.bundle"
    file.write_bytes(tar({"manifest.json": encoded(named), "images.tar": saved()}))
    options = Namespace(stack="dev", engine=None, cwd=None)
    with pytest.raises(OpsError, match=words), as_input(file, options):
        pass
