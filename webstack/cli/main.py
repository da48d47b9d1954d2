"""The `webstack` command line: what the user says, taken apart; what goes wrong, in one line."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from webstack import __version__

INTERRUPTED = 130
RUNS_PROGRAM = ("up", "preview", "promote", "rollback")
SELDOM = (100_000, 20, 100)
"""When to look for garbage: modules and declarations are none, and come by the thousand.

At Python's own pace the search takes a sixth of a run that changes nothing.
"""
STACK_HELP = "the stack; PULUMI_STACK, or dev, unless given"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives Pulumi's exit codes."""
    options = parser().parse_args(arguments)
    said = getattr(options, "stack_word", None)
    options.stack = getattr(options, "stack", None) if said is None else said
    # Imported only now, so that --help needs nothing else.
    if options.command in RUNS_PROGRAM:
        gc.set_threshold(*SELDOM)
        atexit.register(gc.freeze)  # Python would search all once more before it ends
        from webstack.cli.backends import composition as backends

        backends.get_ahead(options.stack, options.engine, options.cwd, os.environ)
    from webstack.cli import command_table as commands
    from webstack.cli.terminal.errors import OpsError
    from webstack.contract import plain_text
    from webstack.engine.model.errors import EngineError

    try:
        return commands.find(options.command)(options)
    except (OpsError, EngineError) as error:
        print(plain_text.block(f"error: {error}"), file=sys.stderr)
        return getattr(error, "exit_code", 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; Python would complain at exit
        return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="webstack",
        description="Runs the project's Pulumi program, with the Pulumi CLI or without it.",
    )
    top.add_argument("--version", action="version", version=f"webstack {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _operations(commands)
    _looking(commands)
    _reviewing(commands)
    _keeping(commands)
    return top


Subparsers = argparse._SubParsersAction  # the type has no public name


def _operations(commands: Subparsers[argparse.ArgumentParser]) -> None:
    up = _command(commands, "up", "bring the machine to what the program declares")
    preview = _command(commands, "preview", "show what `up` would do")
    promote = _plain_command(commands, "promote", "deploy the very images that a stack runs")
    promote.add_argument("source", metavar="STACK", help="whose images")
    promote.add_argument("stack_word", metavar="TARGET", help="the stack to deploy")
    promote.set_defaults(plan=None)
    refresh = _command(commands, "refresh", "bring the state to what the machine has")
    destroy = _command(commands, "destroy", "take away all that the stack made")
    down = _command(commands, "down", "take the stack away; its data only with --data")
    rollback = _plain_command(commands, "rollback", "bring an earlier release back as a whole")
    rollback.add_argument(
        "words", nargs="*", metavar="[N] [STACK]", help="which release, of which stack"
    )
    rollback.add_argument("--stack", "-s", dest="stack", help=STACK_HELP)
    prune = _command(
        commands, "prune", "remove the images and static files of releases that are not kept"
    )
    _flag(prune, "--expired", text="instead, stacks whose time is over, with all their data")
    for command in (up, promote, refresh, destroy, down, rollback, prune):
        _flag(command, "--yes", "-y", text="do not ask before changing something")
    for command in (up, promote, preview, refresh, destroy):
        command.add_argument(
            "--target", "-t", action="append", default=[], metavar="URN", help="only this resource"
        )
    for command in (up, promote, preview, destroy):
        _flag(command, "--target-dependents", text="and what depends on the --target")
    for command in (up, promote, preview):
        command.add_argument(
            "--replace", action="append", default=[], metavar="URN", help="make this one anew"
        )
    for command in (up, promote, preview, refresh, destroy):
        _flag(command, "--diff", text="show every property that changes")
    for command in (up, promote, preview):
        _flag(command, "--refresh", "-r", text="look at the machine first")
        _flag(command, "--expect-no-changes", text="fail (exit code 7) if something would change")
        _flag(command, "--adopt", text="take volumes that another state has made, with their data")
    for command in (up, promote, refresh, destroy, down, rollback):
        command.add_argument("--parallel", "-p", type=int, metavar="N", help="steps at once")
    for command in (up, promote, preview, destroy):
        _flag(command, "--allow-data-loss", text="let data volumes go that are no longer declared")
    up.add_argument("--plan", type=Path, metavar="FILE", help="only if it is what this plan says")
    preview.add_argument("--save", type=Path, metavar="FILE", help="write a plan for `up --plan`")
    preview.add_argument(
        "--against", type=Path, metavar="FILE", help="an exported state, in place of the stack's"
    )
    form = preview.add_mutually_exclusive_group()
    _flag(form, "--json", "-j", text="print the plan as `pulumi preview --json` does")
    _flag(form, "--markdown", text="print what to write below a pull request")
    _flag(down, "--data", text="take the data volumes away too")
    _flag(destroy, "--exclude-protected", text="leave what is protected")
    _command(commands, "cancel", "remove the lock that an ended run has left")


def _looking(commands: Subparsers[argparse.ArgumentParser]) -> None:
    outputs = _command(commands, "outputs", "print the stack's outputs")
    _flag(outputs, "--show-secrets", text="print secret values too")
    status = _command(commands, "status", "show services, containers and their health")
    history = _command(commands, "history", "list the updates, the newest first")
    releases = _command(commands, "releases", "list the releases that can come back")
    for command in (outputs, status, history, releases):
        _flag(command, "--json", "-j", text="print JSON")
    drift = _command(
        commands, "drift", "show what differs from the state; exit code 2 if something does"
    )
    _flag(drift, "--json", "-j", text="print JSON")
    _flag(drift, "--markdown", text="print Markdown, for an issue")
    diff = _plain_command(commands, "diff", "show how two stacks differ")
    diff.add_argument("stack_word", metavar="STACK", help="the one")
    diff.add_argument("other", metavar="OTHER", help="the other")
    _flag(diff, "--json", "-j", text="print JSON")
    logs = _plain_command(commands, "logs", "print the logs of all containers in order of time")
    logs.add_argument(
        "words", nargs="*", metavar="[STACK] [SERVICE …]", help="the stack, and which services"
    )
    logs.add_argument("--stack", "-s", dest="stack", help=STACK_HELP)
    _flag(logs, "--follow", "-f", text="go on until interrupted, through deployments too")
    _flag(logs, "--json", "-j", text="print one JSON object a line")
    logs.add_argument(
        "--tail", "-n", type=int, default=100, metavar="N", help="lines per container (100)"
    )
    _command(commands, "doctor", "check what this machine has and what the stack needs")


def _reviewing(commands: Subparsers[argparse.ArgumentParser]) -> None:
    text = "print what a preview means for a pull request, or post it there"
    comment = commands.add_parser("comment", help=text, description=text)
    comment.add_argument(
        "file", metavar="FILE.json", help="what `preview --json` wrote; - is stdin"
    )
    _flag(comment, "--post", text="write or edit the comment of this environment")
    comment.add_argument(
        "--host", choices=("github", "gitlab"), help="whose job runs, unless given"
    )
    comment.add_argument(
        "--pull-request", metavar="NUMBER", help="the one that the job runs for unless given"
    )
    comment.add_argument("--note", default="", metavar="TEXT", help="one line below the verdict")
    comment.add_argument("--full", type=Path, metavar="FILE", help="write the whole text there")
    _flag(comment, "--allow-data-loss", text="as the preview was run")


def _keeping(commands: Subparsers[argparse.ArgumentParser]) -> None:
    config = commands.add_parser("config", help="read and write the stack's settings")
    verbs = config.add_subparsers(dest="verb", required=True, metavar="get|set|rm")
    for verb, text in (("get", "print a setting"), ("set", "write one"), ("rm", "remove one")):
        command = verbs.add_parser(verb, help=text, description=text)
        command.add_argument("key", help="name, or namespace:name")
        if verb == "set":
            command.add_argument("value", nargs="?", help="read from standard input unless given")
            _flag(command, "--secret", text="encrypt it")
        _flag(command, "--path", text="the key is a path into a structure, such as tags.name[0]")
        _common(command)
        command.add_argument("--stack", "-s", dest="stack", help=STACK_HELP)
    stack = commands.add_parser("stack", help="create, list, remove, export and import stacks")
    verbs = stack.add_subparsers(dest="verb", required=True, metavar="init|ls|rm|export|import")
    for verb, text in (
        ("init", "create a stack"),
        ("ls", "list the stacks"),
        ("rm", "remove a stack's records"),
        ("export", "print the state, or write it to --file"),
        ("import", "replace the state by an exported one"),
    ):
        command = verbs.add_parser(verb, help=text, description=text)
        _common(command)
        if verb != "ls":
            command.add_argument("stack_word", nargs="?", metavar="STACK", help=STACK_HELP)
        if verb == "init":
            _like(command)
        if verb == "export":
            _flag(command, "--public", text="with a mask in place of each secret")
        if verb in ("export", "import"):
            command.add_argument("--file", type=Path, help="in place of the standard streams")
        if verb == "ls":
            _flag(command, "--json", "-j", text="print JSON")
        if verb == "rm":
            _flag(command, "--yes", "-y", text="do not ask")
            _flag(command, "--force", "-f", text="even if its resources still exist")
    _command(commands, "env", "print what the Pulumi CLI needs, as exports for a shell")


def _like(command: argparse.ArgumentParser) -> None:
    command.add_argument("--like", metavar="STACK", help="copy the settings of this one")
    command.add_argument("--port", type=int, metavar="N", help="with --like: its port")
    command.add_argument("--host", metavar="NAME", help="with --like: the host to serve it at")
    command.add_argument(
        "--expires", metavar="TIME", help="with --like: how long it is to live, such as 72h"
    )


def _command(
    commands: Subparsers[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    command = _plain_command(commands, name, text)
    command.add_argument("stack_word", nargs="?", metavar="STACK", help=STACK_HELP)
    command.add_argument("--stack", "-s", dest="stack", help=argparse.SUPPRESS)
    return command


def _plain_command(
    commands: Subparsers[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    _common(command)
    return command


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine",
        choices=("pulumi", "embedded", "auto"),
        help="what runs the program; auto takes the Pulumi CLI where it is installed",
    )
    command.add_argument("--cwd", "-C", type=Path, metavar="DIR", help="the project's folder")


def _flag(command: argparse._ActionsContainer, *names: str, text: str) -> None:
    command.add_argument(*names, action="store_true", help=text)


if __name__ == "__main__":
    sys.exit(main())
