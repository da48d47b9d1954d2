"""`bundle`: pack the release in force into a file, for a machine without a network."""

from __future__ import annotations

import re
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from webstack import __version__
from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.bundles import packing, saved_images
from webstack.cli.bundles.manifest import Manifest
from webstack.cli.daemon import image_archives
from webstack.cli.daemon.overwritten_images import changed_tags
from webstack.cli.deployments import stack_daemon
from webstack.cli.environments.stack_settings import debugs
from webstack.cli.machine.tool_sources import WHEELHOUSE
from webstack.cli.machine.virtualenv import fetch_wheels
from webstack.cli.state.stack_state import StackState, Summary
from webstack.cli.terminal.arguments import add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import reporter
from webstack.contract import plain_text

_VERSION = re.compile(r"3\.[0-9]{1,2}")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    add_stack(parser)
    parser.add_argument(
        "--python", metavar="3.N", help="the Python of that machine; this one's unless given"
    )


def run(options: Namespace) -> int:
    """Write images, project and wheels into one file, and say what to do with it."""
    python = options.python or f"3.{sys.version_info.minor}"
    if not _VERSION.fullmatch(python):
        raise OpsError(f"--python {python} is no version", "name one such as 3.12")
    session = session_setup.session_of(options)
    release = _release(session)
    api = image_archives.patient(session.project.environ)
    names = _named(api, session.project.name, release)
    half = options.file.with_name(f".{options.file.name}.half")
    files = packing.project_files(session.project.root, (options.file, half))
    folder = options.file.absolute().parent
    with _scratch(folder) as images, tempfile.TemporaryDirectory() as wheels:
        with reporter().step("Taking the images") as step:
            image_archives.save(api, sorted({*names.values()}), images, step.at)
        images.seek(0)
        digests = saved_images.digests(images)
        fetch_wheels(
            session.project.root, Path(wheels), reporter(), dev=False, python=options.python
        )
        manifest = Manifest(
            project=session.project.name,
            stack=session.stack,
            release=release.number,
            commit=release.commit,
            clean=release.clean,
            debug=debugs(session.project, session.stack),
            tool=__version__,
            machine=image_archives.machine(api),
            python=python,
            images=names,
            digests=digests,
        )
        packed = {name: session.project.root / name for name in files}
        packed |= {f"{WHEELHOUSE}/{path.name}": path for path in Path(wheels).iterdir()}
        with packing.replaced(options.file) as target:
            packing.write(target, manifest, images, packed)
    _say(options.file, manifest)
    return 0


def _say(file: Path, manifest: Manifest) -> None:
    size = file.stat().st_size / 1e6
    print(
        plain_text.line(
            f"{file} ({size:.0f} MB): {manifest.origin}, {len(manifest.digests)} images for "
            f"{manifest.machine}, the project, and its wheels for Python {manifest.python}"
        )
    )
    print(
        plain_text.line(
            f"There: mkdir {manifest.project}; tar -xf {file.name} -C {manifest.project} "
            f"--strip-components=1 project; cd {manifest.project}; "
            f"make up STACK={manifest.stack} BUNDLE=../{file.name}"
        ),
        file=sys.stderr,
    )


def _release(session: StackSession) -> Summary:
    """Give the release in force; raises OpsError where there is none, or its images are gone."""
    known = session.stack in session.records.stacks()
    state = StackState(session.records.export()) if known else None
    if state is None or not state.releases():
        raise OpsError(f"{session.stack} has no release", "`webstack up` makes one")
    release = state.releases()[-1]
    docker = stack_daemon.on_docker(session)
    for tag in changed_tags(state, release, docker.image_id):
        raise OpsError(f"{session.stack} cannot be packed: {tag.problem}", tag.way_out)
    return release


def _named(api: Any, project: str, release: Summary) -> dict[str, str]:
    """Give each image a name that another daemon can know it by: digests of registries are none."""
    names = dict(release.images)
    for name, reference in release.images.items():
        if not reference.startswith((f"{project.lower()}/", "webstack/")):
            repository = f"{project.lower()}/{name}"
            names[name] = image_archives.tagged(api, reference, repository)
    return names


def _scratch(folder: Path) -> Any:
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise OpsError(f"{folder} cannot be written to: {error.strerror}") from None
