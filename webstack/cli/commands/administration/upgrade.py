"""`upgrade`: bring the project to a newer version of webstack, for its owner to review."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.machine.tool_sources import kept_wheel
from webstack.cli.projects import upgrade, versions
from webstack.cli.projects.tool_wheel import ToolWheel
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import STACK_HELP, add_flag, add_shared

_STACK_VARIABLE = "PULUMI_STACK"
_DEV = "dev"


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument(
        "--to", metavar="VERSION|WHEEL", help="path of the wheel; or its version, in wheelhouse/"
    )
    parser.add_argument("--stack", "-s", help=f"the one to preview: {STACK_HELP}")
    add_flag(parser, "--no-preview", text="do not ask the new version what will roll")
    add_shared(parser, "--yes")
    parser.add_argument("--cwd", "-C", type=Path, metavar="DIR", help="the project's folder")


def run(options: Namespace) -> int:
    """Find both versions, go on as the newer one, and do as it does."""
    root = upgrade.find_root(options.cwd or Path.cwd())
    upgrade.settle(root)
    wheel = upgrade.find_wheel(root, options.to)
    versions.check_step(ToolWheel(kept_wheel(root)).version, wheel.version)
    upgrade.hand_over(root, wheel, _passed_on(options))
    stack = options.stack or os.environ.get(_STACK_VARIABLE) or _DEV
    return upgrade.upgraded(
        root,
        wheel,
        upgrade.Wishes(None if options.no_preview else stack, lambda: _agreed(options)),
    )


def _passed_on(options: Namespace) -> list[str]:
    stack = ["--stack", options.stack] if options.stack else []
    flags = [
        flag
        for flag, said in (("--no-preview", options.no_preview), ("--yes", options.yes))
        if said
    ]
    return [*stack, *flags]


def _agreed(options: Namespace) -> bool:
    return not prompts.asks(options) or prompts.confirmed("Keep the upgrade?")
