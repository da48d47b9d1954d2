"""Decides whether a run that found nothing to do is kept, and keeps it."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from webstack.cli.backends.composition import EMBEDDED, StackSession
from webstack.cli.backends.pulumi_environment import PASSPHRASE
from webstack.cli.backends.runner import PreviewResult
from webstack.cli.daemon import answer_programs
from webstack.cli.plans.dry_run import DryRun
from webstack.cli.review.text import closing_words
from webstack.cli.settled import kept, program_sources
from webstack.cli.settled.look import Asked, Page, seen
from webstack.cli.settled.tokens import LINK, READ, SEEN, clock, environment, newest
from webstack.cli.settled.watching import Watch, unwatched, watched
from webstack.cli.state.stack_state import (
    BASE_IMAGE,
    BUILT_IMAGE,
    CONTAINER,
    GENERATED_SECRET,
    IDENTITY,
    NETWORK,
    PROVISION,
    RELEASE,
    STACK,
    VOLUME,
    StackState,
)
from webstack.cli.terminal.summary import services_of
from webstack.engine.project.stack import backend_of

_TYPES: Final = frozenset(
    (
        *(BASE_IMAGE, BUILT_IMAGE, CONTAINER, NETWORK, VOLUME, STACK),
        *(GENERATED_SECRET, IDENTITY, PROVISION, RELEASE),
        *("pulumi:providers:docker", "pulumi:providers:pulumi-python"),
    )
)
"""Types whose resources are as the state has them while the daemon has the same, and files too.

A certificate is none of them: it ends some day.
"""
_COMPONENTS: Final = "webstack:"
_TOOL: Final = Path(__file__).parents[2]
_AHEAD: Final = 0.1
"""Seconds that the clock of a file system may be behind ours."""
_MOST: Final = 64
"""Questions that one command of a container asks."""
_PLAIN: Final[Mapping[str, Any]] = {
    "target": [],
    "target_dependents": False,
    "replace": [],
    "diff": False,
    "refresh": False,
    "expect_no_changes": False,
    "adopt": False,
    "allow_data_loss": False,
    "parallel": None,
    "plan": None,
    "bundle": None,
    "build": False,
    "save": None,
    "against": None,
    "json": False,
    "markdown": False,
    "engine": None,
    "cwd": None,
}


def is_plain(options: Namespace) -> bool:
    """Tell whether a command was given no option that makes it another."""
    return all(getattr(options, name, said) == said for name, said in _PLAIN.items())


@contextmanager
def observed(options: Namespace) -> Iterator[Observation]:
    """Watch what a command looks at until it knows what is to do.

    A command with options that make it another is not watched, and never kept.
    """
    if not is_plain(options):
        yield Observation(None)
        return
    with watched() as watch:
        yield Observation(watch)


class Observation:
    """Keeps a run that found nothing to do, if another of the same command would find the same."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._began, self._surroundings = time.time(), environment(os.environ)
        self._looking: Future[tuple[Asked | None, str | None]] | None = None

    def look(self, session: StackSession) -> None:
        """Begin to ask the daemon, which takes longer to answer than the program to be run.

        What changes there meanwhile differs from what was seen, so that the next run notices it.
        """
        if self._watch is None or session.choice.engine != EMBEDDED:
            return
        looking: Future[tuple[Asked | None, str | None]] = Future()
        self._looking = looking

        def work() -> None:
            with unwatched():
                try:
                    looking.set_result(_looked(session))
                except Exception as error:
                    looking.set_exception(error)

        # A command that has something to do does not wait for it.
        Thread(target=work, daemon=True).start()

    def keep(self, session: StackSession, foreseen: DryRun) -> None:
        """Keep the run; what lies there of an earlier one is of no use by now, and goes."""
        if self._watch is None:
            return
        root, stack = session.project.root, session.stack
        kept.forget(root, stack)
        if not _found_nothing(foreseen.plan) or reasons(session, self._watch):
            return
        asked, found = self._seen(session)
        paths = _paths(session, self._watch)
        looks = kept.tokens(paths)
        if asked is None or found is None or newest(looks) > (self._began - _AHEAD) * 1e9:
            return
        settled = kept.Settled(
            environment=self._surroundings,
            paths=paths,
            looks=kept.digest(looks),
            asked=asked,
            found=found,
            words=_words(session, foreseen),
            clock=clock(),
            time=self._began,
        )
        kept.save(root, stack, settled)

    def _seen(self, session: StackSession) -> tuple[Asked | None, str | None]:
        """Give what was asked, and what was seen: what was not well before may be so by now."""
        if self._looking is not None and self._looking.exception() is None:
            asked, found = self._looking.result()
            if found is not None:
                return asked, found
        return _looked(session)


def _looked(session: StackSession) -> tuple[Asked | None, str | None]:
    asked = asked_of(session)
    return asked, seen(asked) if asked else None


def _found_nothing(plan: PreviewResult) -> bool:
    return plan.settled and plan.silent and not plan.code


def reasons(session: StackSession, watch: Watch) -> list[str]:
    """Say why it cannot be known whether another run would find the same; empty where it can."""
    resources = StackState(session.records.export()).types()
    strange = {each for each in resources - _TYPES if not each.startswith(_COMPONENTS)}
    docker = _socket()
    places = {os.fsdecode(each) if isinstance(each, bytes) else each for each in watch.addresses}
    root = session.project.root
    sources = [Path(path) for path in sorted(watch.code) if _is_program(path, root)]
    return [
        *([] if session.choice.engine == EMBEDDED else ["is run by another process"]),
        *(["looks at the machine first"] if session.project.refreshes else []),
        # A digest of it could be guessed faster than the key that is made of it.
        *(["has its passphrase in a variable"] if session.project.environ.get(PASSPHRASE) else []),
        *sorted(watch.reasons),
        *(f"has a {each}" for each in sorted(strange)),
        *(["uses the network"] if places - {docker} or docker is None else []),
        *program_sources.reasons(sources, session.project.main),
    ]


def asked_of(session: StackSession) -> Asked | None:
    """Give what is asked of the daemon about a stack; None where it cannot be asked quickly."""
    from webstack.cli.daemon.service_answers import questions
    from webstack.cli.daemon.wellness import answering

    state, socket = StackState(session.records.export()), _socket()
    release, ids = state.release(), state.container_ids()
    proxy = str(release.get("proxy"))
    said = list(questions(release, state.urls(), 5))
    if socket is None or proxy not in ids or len(said) > _MOST:
        return None
    names = {*answering(release), *(each.container for each in said)}
    if not names <= ids.keys():
        return None
    sockets = [
        (each.words, each.check.ranges)
        for each in said
        if each.program == answer_programs.ON_SOCKETS
    ]
    pages = tuple(
        Page(
            container=ids[each.container],
            inside=int(each.words[0]),
            path=each.words[1],
            host=each.words[2],
            seconds=float(each.words[3]),
            ranges=each.check.ranges,
        )
        for each in said
        if each.program == answer_programs.THROUGH_NGINX
    )
    return Asked(
        socket=socket,
        labels=[f"webstack.project={session.project.name}", f"webstack.stack={session.stack}"],
        containers=sorted(state.containers()),
        answering=sorted(ids[name] for name in names),
        volumes=sorted(state.volumes()),
        networks=sorted(state.networks()),
        images=sorted(state.all_images()),
        proxy=ids[proxy],
        sockets=sockets,
        pages=pages,
    )


def _socket() -> str | None:
    """Give the path of the socket where the daemon of this run listens; None of a remote one."""
    from webstack.docker.daemon_host import find_host

    url = urlsplit(find_host({}, os.environ).address)
    return url.path if url.scheme == "unix" else None


def _paths(session: StackSession, watch: Watch) -> dict[str, list[str]]:
    backend = backend_of(session.project)
    read = {*watch.paths[READ], str(backend.locks(session.stack)), *_pythons_own()}
    return {
        READ: sorted(read),
        SEEN: sorted(watch.paths[SEEN] - read),
        LINK: sorted(watch.paths[LINK]),
    }


def _pythons_own() -> Iterator[str]:
    """Give what Python reads before anybody can watch."""
    yield os.path.realpath(sys.executable)
    yield f"{sys.prefix}/pyvenv.cfg"
    for folder in sys.path:
        if folder.endswith("site-packages") and Path(folder).is_dir():
            yield from (str(path) for path in Path(folder).glob("*.pth"))


def _is_program(path: str, root: Path) -> bool:
    """Tell whether a module is of the project, and no part of the tool that lies beside it."""
    others = (f"{_TOOL}/", f"{root}/.venv/")
    return (
        path.startswith(f"{root}/")
        and not path.startswith(others)
        and "/site-packages/" not in path
    )


def _words(session: StackSession, foreseen: DryRun) -> dict[str, Any]:
    services = services_of(session.records.outputs())
    told = {
        name: {"url": str(each.get("url", "")), "containers": [*each.get("containers", ())]}
        for name, each in services.items()
    }
    return {
        "by": str(session.choice),
        "unchanged": foreseen.plan.unchanged,
        "closing": closing_words(foreseen.review),
        "services": told,
    }
