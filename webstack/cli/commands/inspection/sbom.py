"""`sbom`: list what the image of a service is made of, or what differs from an earlier release."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import StackOnDocker
from webstack.cli.daemon.looks import packages, sbom
from webstack.cli.daemon.looks.packages import Contents
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState, Summary
from webstack.cli.terminal.arguments import add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table

HEADINGS = ("KIND", "PACKAGE", "BEFORE", "NOW")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("service", metavar="SERVICE", help="a service, a server, or proxy")
    add_stack_option(parser)
    parser.add_argument(
        "--release", type=int, metavar="N", help="of this release; of the one in force unless given"
    )
    parser.add_argument(
        "--against", type=int, metavar="N", help="only what differs from this release"
    )
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """Print the bill of materials as CycloneDX, or a table of what differs."""
    session = session_setup.session_of(options)
    known = {each.number: each for each in StackState(session.records.export()).releases()}
    if not known:
        raise OpsError(f"{session.stack} has no release", "`webstack up` makes one")
    docker = stack_daemon.on_docker(session)
    release = _release(known, options.release or max(known))
    name, identifier = _image(docker, release, options.service)
    contents = packages.of_image(docker.api, identifier)
    if options.against is None:
        print(json_text(sbom.cyclonedx(name, identifier, contents)))
        return 0
    earlier = _release(known, options.against)
    before = _contents(docker, earlier, options.service)
    rows = list(sbom.differences(before, contents))
    if options.json:
        keys = ("kind", "name", "before", "now")
        print(json_text([dict(zip(keys, row, strict=True)) for row in rows]))
    elif rows:
        print(table(HEADINGS, rows))
    else:
        print(f"{options.service} has the same packages as in {earlier.number}.", file=sys.stderr)
    return 0


def _contents(docker: StackOnDocker, release: Summary, service: str) -> Contents:
    return packages.of_image(docker.api, _image(docker, release, service)[1])


def _release(known: dict[int, Summary], number: int) -> Summary:
    if number not in known:
        there = ", ".join(map(str, sorted(known)))
        raise OpsError(f"there is no release {number}", f"there are: {there}")
    return known[number]


def _image(docker: StackOnDocker, release: Summary, service: str) -> tuple[str, str]:
    """Give the name and the id of the image that ran; raises OpsError where it is gone."""
    if service not in release.images:
        there = ", ".join(sorted(release.images))
        raise OpsError(f"release {release.number} has no {service}", f"there are: {there}")
    name = release.images[service]
    found = docker.image_id(release.image_ids.get(service) or name)
    if found is None:
        raise OpsError(
            f"the image {name} of release {release.number} is on the daemon no more",
            "take a release whose images are kept: `webstack releases`",
        )
    return name, found
