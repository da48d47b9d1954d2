"""`new`: make a project that holds only what its owner changes."""

from __future__ import annotations

import argparse
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.projects import creation, services
from webstack.cli.projects.own_wheel import own_wheel
from webstack.cli.projects.tool_wheel import ToolWheel
from webstack.contract import plain_text


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to make it")
    parser.add_argument("--name", help="the project's name; that of DIR unless given")
    for kind, words in services.KINDS.items():
        parser.add_argument(
            f"--{kind}",
            action=_AddApplication,
            type=Path,
            metavar="PATH",
            help=f"copy this {words} as a service; may be given several times",
        )
    parser.add_argument(
        "--proxy", action="store_true", help="with the recipe of nginx's image, to change it"
    )


class _AddApplication(argparse.Action):
    """Keeps applications of all kinds in the order in which they are named."""

    def __call__(self, parser: object, options: Namespace, path: object, flag: object = "") -> None:
        named = getattr(options, "applications", None) or []
        options.applications = [*named, (str(flag).removeprefix("--"), path)]


def run(options: Namespace) -> int:
    """Make the project, and say how to go on."""
    folder: Path = options.folder
    creation.check_place(folder)
    name = creation.project_name(folder, options.name)
    named = getattr(options, "applications", None) or []
    with tempfile.TemporaryDirectory(prefix="webstack-") as scratch:
        chosen = [services.adopted(kind, path) for kind, path in named]
        wheel = ToolWheel(own_wheel(Path(scratch)))
        chosen = chosen or [services.started(wheel.starter())]
        tree = creation.project_tree(wheel, name, chosen, proxy=options.proxy)
        creation.write_project(folder, tree)
        creation.share_installer(folder)
        version = wheel.version
    print(plain_text.block(f"{folder} is the project {name}, on webstack {version}"))
    for each in chosen:
        print(plain_text.block("\n".join([f"services/{each.name}", *each.told])))
    print(plain_text.block(f"Next: cd {folder}, look at services/ and Pulumi.dev.yaml, make up"))
    return 0
