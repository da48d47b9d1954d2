"""Looks at the images that a preview changes: their sizes, and the packages that differ."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from webstack.cli.backends.composition import StackSession
from webstack.cli.deployments import stack_daemon
from webstack.cli.review.document import Document, Step
from webstack.cli.review.images import image_changes
from webstack.cli.review.model import ImageChange
from webstack.cli.state.stack_state import BASE_IMAGE, BUILT_IMAGE
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import reporter
from webstack.contract import plain_text
from webstack.engine.model.provider import ProviderError

_MOST = 30
"""Images whose packages are read; each takes seconds."""

_NO_BASE = "Nothing was built: images that others start from are not there yet; `up` makes them."


def look(session: StackSession, document: Document, *, build: bool) -> dict[str, Any]:
    """Give sizes and packages for a preview's document, of images that the daemon has.

    With ``build`` those that the preview would build are built. Raises OpsError where that fails.
    """
    changes = list(image_changes(document))
    built = to_build(document) if build else []
    if built and any(step.type == BASE_IMAGE for step in document.changes):
        print(_NO_BASE, file=sys.stderr)
        built = []
    if not changes and not built:
        return {}
    docker = stack_daemon.on_docker(session)
    for step in built:
        _build(session.project.root / session.project.main, step)
    named = {name for each in changes for name in (each.before, each.after) if name}
    sizes = {name: size for name, size in docker.image_sizes().items() if name in named}
    return {"sizes": sizes, "packages": _packages(docker.api, changes, sizes)}


def to_build(document: Document) -> list[Step]:
    """List the steps of a preview that build images."""
    steps = (each for each in document.changes if each.type == BUILT_IMAGE)
    return [each for each in steps if each.op in ("create", "update", "create-replacement")]


def _build(folder: Path, step: Step) -> None:
    """Build what a step would; paths in it begin where the program runs."""
    # Only this needs the engine's provider.
    from webstack.engine.providers.docker.provider import DockerProvider

    inputs = dict(step.after)
    inputs["build"] = settings = dict(inputs["build"])
    for key in ("context", "dockerfile"):
        settings[key] = str(folder / str(settings[key]))
    with reporter().step(f"Building {step.name}") as shown:
        provider = DockerProvider({}, lambda _, line: shown.at(plain_text.line(line)[:80]))
        try:
            provider.create(BUILT_IMAGE, step.name, inputs, None)
        except ProviderError as error:
            raise OpsError(str(error)) from None


def _packages(
    api: Any, changes: Iterable[ImageChange], there: Mapping[str, int]
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Give the packages that differ by the name of the image."""
    from webstack.cli.daemon.looks import packages, sbom

    found = {}
    both = [each for each in changes if {each.before, each.after} <= there.keys()]
    for each in both[:_MOST]:
        try:
            before, after = (packages.of_image(api, str(n)) for n in (each.before, each.after))
        except OpsError as error:
            print(plain_text.line(f"{each.name}: its packages: {error}"), file=sys.stderr)
            continue
        if rows := list(sbom.differences(before, after)):
            found[each.name] = rows
    return found
