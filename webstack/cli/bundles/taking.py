"""Takes a bundle's images onto the daemon, and hands them to the program."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.bundles.manifest import Manifest
from webstack.cli.bundles.reading import Bundle, opened
from webstack.cli.daemon import image_archives
from webstack.cli.environments.stack_settings import debugs
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import reporter
from webstack.contract import plain_text
from webstack.contract.variables import PROMOTING


@contextmanager
def as_input(path: Path, options: Namespace) -> Iterator[None]:
    """Let the program of the options' stack take the images of a bundle; raises OpsError."""
    session = session_setup.session_of(options)
    with opened(path) as bundle:
        _require_fit(path, bundle.manifest, session)
        session_setup.ensure_daemon(session)
        take(path, bundle, image_archives.patient())
    os.environ[PROMOTING] = json.dumps(
        {
            "stack": f"the bundle {path.name}",
            "images": bundle.manifest.images,
            "commit": bundle.manifest.commit,
            "clean": bundle.manifest.clean,
            "whole": True,
        }
    )
    try:
        yield
    finally:
        os.environ.pop(PROMOTING, None)


def take(path: Path, bundle: Bundle, api: Any) -> None:
    """Put the images that a daemon lacks into its store; raises OpsError."""
    manifest = bundle.manifest
    there = image_archives.machine(api)
    if there != manifest.machine:
        raise OpsError(
            f"{path} holds images for {manifest.machine}, and this machine is {there}",
            "make a bundle on such a machine",
        )
    print(plain_text.line(f"{path.name}: {manifest.origin}"), file=sys.stderr)
    if not image_archives.missing(api, manifest.digests):
        return
    with reporter().step("Loading the images"):
        image_archives.load(api, bundle.images)
    if lost := image_archives.absent(api, sorted(manifest.digests)):
        raise OpsError(f"the Docker daemon did not take {lost[0]} of {path}", "see its log")


def _require_fit(path: Path, manifest: Manifest, session: StackSession) -> None:
    if manifest.project != session.project.name:
        raise OpsError(
            f"{path} is of the project {manifest.project}, and this is {session.project.name}",
            "take the project that is in it",
        )
    ours = debugs(session.project, session.stack)
    if manifest.debug != ours:
        raise OpsError(
            f"the images of {path} are built with debug: {str(manifest.debug).lower()}, and "
            f"{session.stack} wants {str(ours).lower()}",
            "make a bundle of a stack like it",
        )
