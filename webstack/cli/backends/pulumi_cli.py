"""Runs the program by the Pulumi CLI."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from webstack.cli.backends.ownership import UNWATCHED, Watch
from webstack.cli.backends.runner import OperationOptions, Outputs, PreviewResult
from webstack.cli.machine.shell import CommandError, attached, finished, read
from webstack.cli.terminal.errors import OpsError

UNEXPECTED = "no changes were expected"
Note = Callable[[int], AbstractContextManager[None]]
"""What is held while a process of this number runs."""


Advise = Callable[[Path], Iterable[str]]
"""What can be advised after a failure, by the file of a run's events."""


def _no_advice(_events: Path) -> Iterable[str]:
    return ()


def _unnoted(_pid: int) -> AbstractContextManager[None]:
    return nullcontext()


class PulumiCli(msgspec.Struct, frozen=True):
    """`pulumi` with the stack and the environment that it needs.

    ``note`` is held as long as a command runs on this terminal.
    """

    root: Path
    stack: str
    environ: Mapping[str, str]
    note: Note = _unnoted

    def read(self, *arguments: str, given: str = "") -> str:
        """Run one command on the stack and give what it printed."""
        argv = ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"]
        return read(argv, env=self.environ, cwd=self.root, given=given)

    def show(self, *arguments: str) -> int:
        """Run one command on the stack, on this terminal; raises OpsError if it is killed."""
        argv = ["pulumi", *arguments, "--stack", self.stack]
        with ExitStack() as meanwhile:
            code = attached(
                argv,
                # Without it the CLI knows no --event-log.
                env={**self.environ, "PULUMI_DEBUG_COMMANDS": "true"},
                cwd=self.root,
                on_start=lambda pid: meanwhile.enter_context(self.note(pid)),
            )
            if code < 0:
                print(file=sys.stderr)  # it may have ended within a line
                raise OpsError(
                    f"`pulumi {arguments[0]}` was ended by signal {-code}",
                    "run the same command again: it completes what was begun",
                )
        return code

    def dry_run(self, *arguments: str) -> PreviewResult:
        """Run a preview unseen, for its JSON."""
        argv = ["pulumi", *arguments, "--json", "--stack", self.stack, "--non-interactive"]
        done = finished(argv, env=self.environ, cwd=self.root)
        try:
            document = json.loads(done.out)
        except ValueError:
            raise CommandError(argv, done.code, done.error or done.out) from None
        changes = document.get("changeSummary", {}).keys() - {"same"}
        return PreviewResult(done.code, bool(changes), document)

    def plan(self, *arguments: str, expect_no_changes: bool) -> PreviewResult:
        """Run a preview; the CLI tells only in its error whether there is something to change."""
        changes = False

        def on_error_line(line: str) -> None:
            nonlocal changes
            if UNEXPECTED in line:
                changes = True
                if not expect_no_changes:
                    return
            sys.stderr.write(line)

        argv = ["pulumi", *arguments, "--expect-no-changes", "--stack", self.stack]
        code = attached(argv, env=self.environ, cwd=self.root, on_error_line=on_error_line)
        return PreviewResult(0 if changes and not expect_no_changes else code, changes)


class PulumiRunner:
    """Operations by the CLI.

    It respects the locks of runs that are long dead, and makes anew what these have made unseen, so
    ``clear_killed_run`` goes before what changes something.
    """

    def __init__(
        self,
        cli: PulumiCli,
        settings_file: Path,
        clear_killed_run: Callable[[], None],
        guard: Watch = UNWATCHED,
        advise: Advise = _no_advice,
    ) -> None:
        self._cli = cli
        self._settings_file = settings_file
        self._clear_killed_run = clear_killed_run
        self._guard = guard
        self._advise = advise

    def ensure_stack(self) -> None:
        """Create the stack if it has a settings file but no state yet."""
        if (
            self._settings_file.exists()
            and self._cli.stack not in PulumiRecords(self._cli).stacks()
        ):
            self._cli.read("stack", "init")
            print(f"Created the stack {self._cli.stack}.", file=sys.stderr)

    def preview(self, options: OperationOptions) -> PreviewResult:
        """Show what `up` would do; the CLI's text and its JSON come from two runs, side by side."""
        with self._guard.claiming(adopt=options.adopt):
            return self._preview(options, list(_flags(options)))

    def _preview(self, options: OperationOptions, flags: Sequence[str]) -> PreviewResult:
        if options.quiet:
            expected = ["--expect-no-changes"] if options.expect_no_changes else []
            return self._cli.dry_run("preview", *flags, *expected)
        with ThreadPoolExecutor(1) as pool:
            foreseen = pool.submit(self._cli.dry_run, "preview", *flags)
            shown = self._cli.plan("preview", *flags, expect_no_changes=options.expect_no_changes)
            try:
                return replace(shown, document=foreseen.result().document)
            except CommandError:  # the run that was shown has said why
                return shown

    def up(self, options: OperationOptions) -> int:
        """Bring the machine to what the program declares, without asking."""
        if options.adopt:
            self._guard.make_way()
        with self._guard.claiming(adopt=options.adopt):
            return self._up(options)

    def _up(self, options: OperationOptions) -> int:
        """Run it with its events in a file, which say more of a failure than its exit code."""
        with tempfile.TemporaryDirectory(prefix="webstack-") as folder:
            events = Path(folder, "events")
            events.touch(mode=0o600)
            code = self._change("up", options, "--event-log", str(events))
            for line in self._advise(events) if code else ():
                print(f"error: {line}", file=sys.stderr, flush=True)
        return code

    def preview_destroy(self, options: OperationOptions) -> PreviewResult:
        """Show what `destroy` would do."""
        code = self._cli.show("destroy", "--preview-only", *_flags(options))
        return PreviewResult(code, changes=True)

    def destroy(self, options: OperationOptions) -> int:
        """Take away what the state holds, without asking."""
        return self._change("destroy", options)

    def refresh(self, options: OperationOptions) -> int:
        """Bring the state to what the machine has, without asking."""
        return self._change("refresh", options)

    def preview_refresh(self) -> PreviewResult:
        """Find what differs between state and machine, showing and writing nothing."""
        return self._cli.dry_run("refresh", "--preview-only")

    def unprotect(self, urns: Sequence[str] = ()) -> None:
        """Lift the protection of some resources in the state, of every one where none is named."""
        self._cli.read("state", "unprotect", *(urns or ["--all"]), "--yes")

    def cancel(self) -> None:
        """Remove the locks that an ended run left."""
        self._cli.read("cancel", "--yes")

    def _change(self, command: str, options: OperationOptions, *more: str) -> int:
        self._clear_killed_run()
        if command != "refresh":
            self._guard.spare(adopt=options.adopt)
        return self._cli.show(command, "--yes", "--skip-preview", *more, *_flags(options))


def _flags(options: OperationOptions) -> Iterator[str]:
    for target in options.targets:
        yield from ("--target", target)
    if options.target_dependents:
        yield "--target-dependents"
    for urn in options.replace:
        yield from ("--replace", urn)
    if options.refresh:
        yield "--refresh"
    if options.diff:
        yield "--diff"
    if options.exclude_protected:
        yield "--exclude-protected"
    if options.parallel:
        yield from ("--parallel", str(options.parallel))


class PulumiRecords:
    """State, history and settings by the CLI."""

    def __init__(self, cli: PulumiCli) -> None:
        self._cli = cli

    def outputs(self, *, show_secrets: bool = False) -> Outputs:
        """Read the stack's outputs."""
        shown = ("--show-secrets",) if show_secrets else ()
        outputs: Outputs = json.loads(self._cli.read("stack", "output", "--json", *shown))
        return outputs

    def history(self) -> list[dict[str, Any]]:
        """List the stack's updates, the newest first."""
        updates: list[dict[str, Any]] = json.loads(self._cli.read("stack", "history", "--json"))
        return updates

    def get(self, key: str, *, path: bool = False) -> str:
        """Read one setting."""
        return self._cli.read("config", "get", *_addressed(key, path)).removesuffix("\n")

    def set(self, key: str, value: str, *, secret: bool, path: bool = False) -> None:
        """Write one setting; the value is piped, so that no list of processes shows it."""
        kind = "--secret" if secret else "--plaintext"
        self._cli.read("config", "set", *_addressed(key, path), kind, given=value)

    def remove(self, key: str, *, path: bool = False) -> None:
        """Remove one setting."""
        self._cli.read("config", "rm", *_addressed(key, path))

    def stacks(self) -> list[str]:
        """List the project's stacks."""
        listing = read(
            ["pulumi", "stack", "ls", "--json"], env=self._cli.environ, cwd=self._cli.root
        )
        return sorted(entry["name"].rpartition("/")[2] for entry in json.loads(listing))

    def create(self) -> None:
        """Create the stack."""
        self._cli.read("stack", "init")

    def delete(self, *, force: bool) -> None:
        """Delete the stack's records and its settings file."""
        self._cli.read("stack", "rm", "--yes", *(["--force"] if force else []))

    def export(self, *, show_secrets: bool = False) -> str:
        """Give the stack's state."""
        return self._cli.read("stack", "export", *(["--show-secrets"] if show_secrets else []))

    def import_(self, deployment: str) -> None:
        """Replace the stack's state by an exported one."""
        self._cli.read("stack", "import", given=deployment)


def _addressed(key: str, path: bool) -> tuple[str, ...]:
    return ("--path", key) if path else (key,)
