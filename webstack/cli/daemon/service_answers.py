"""Asks services whether they answer: each replica on its socket, and each service through nginx.

All that is asked in one container is asked by one command there: to start a command takes the
daemon longer than any answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from webstack.cli.daemon.answer_programs import ALL, ON_SOCKETS, THROUGH_NGINX
from webstack.contract import container_paths
from webstack.contract.health_check import HealthCheck
from webstack.docker.errors import DaemonError

_PAUSE = 0.5
_AT_ONCE: Final = 64
"""Questions of one command: eight at a time, they are over before a call of the API is."""
_READS: Final = 3
"""How often a command's output is asked for: the daemon may lose that of a quick one
(https://github.com/moby/moby/issues/27289)."""
_OTHER_PAGES: Final = 499
"""The last status that shows that nginx reaches a service, whatever page it is."""


class Question(msgspec.Struct, frozen=True):
    """Holds what is asked about a ``subject``, in which container, and judges the answer.

    ``words`` are where it listens, page, host, seconds and scheme. One that stands ``behind``
    others says nothing of its own while one of those does not answer.
    """

    subject: str
    container: str
    words: tuple[str, ...]
    check: HealthCheck
    behind: tuple[str, ...] = ()
    program: str = ON_SOCKETS
    most: int = 0

    def judged(self, answer: Mapping[str, Any] | None) -> str:
        """Say what is wrong with an answer; empty where nothing is, or nobody could ask."""
        if answer is None:
            return ""
        status = int(answer.get("status") or 0)
        if self.check.accepts(status) or 0 < status <= self.most:
            return ""
        said = " ".join(str(answer.get("problem") or answer.get("line")).split())
        return f"does not answer as it should: GET {self.check.path} gave {said}"


def questions(
    release: Mapping[str, Any], urls: Mapping[str, str], longest: float
) -> Iterator[Question]:
    """Give what the services of a release are asked, each try for ``longest`` seconds at most."""
    for name, service in (release.get("services") or {}).items():
        check = recorded(service.get("health"))
        seconds = str(min(check.timeout, longest))
        for target in service["replicas"]:
            socket = f"{container_paths.SOCKETS_DIRECTORY}/{name}/{target['socket']}"
            words = (socket, check.path, check.host or "localhost", seconds, check.scheme)
            yield Question(target["container"], release["proxy"], words, check)
        url = urlsplit(urls.get(name, ""))
        if url.hostname:
            page = url.path.rstrip("/") + check.path
            encrypted = url.scheme == "https" and release.get("tls_holder")
            port = container_paths.TLS_PORT if encrypted else container_paths.PORT
            yield Question(
                f"{name}, through nginx,",
                release["tls_holder"] if encrypted else release["holder"],
                (str(port), page, url.hostname, seconds, "https" if encrypted else "http"),
                check,
                tuple(target["container"] for target in service["replicas"]),
                THROUGH_NGINX,
                _OTHER_PAGES,
            )


def recorded(said: str | Mapping[str, Any] | None) -> HealthCheck:
    """Read the health check of a release in the state; early ones have its path alone."""
    if isinstance(said, str) or not said:
        return HealthCheck.of(str(said or "/healthz"))
    # The state has numbers without a type of their own.
    return msgspec.convert(said, HealthCheck, strict=False)


def bad_answers(api: Any, asked: Sequence[Question], tries: int) -> dict[str, str]:
    """Ask until each has answered well or had its tries; give by subject what does not do."""
    found: dict[str, str] = {}
    left = dict.fromkeys(asked, tries)
    while left:
        answers = _round(api, list(left))
        found |= {question.subject: question.judged(answers[question]) for question in left}
        if left := asked_again(left, found):
            time.sleep(_PAUSE)
    return {
        question.subject: found[question.subject]
        for question in asked
        if found[question.subject] and not any(found.get(each) for each in question.behind)
    }


def asked_again(left: Mapping[Question, int], found: Mapping[str, str]) -> dict[Question, int]:
    """Give what is asked once more, and how often at most.

    What stands behind others uses up its tries only once all of those answer.
    """
    again: dict[Question, int] = {}
    for question, tries in sorted(left.items(), key=lambda each: bool(each[0].behind)):
        stalled = {each for each in question.behind if found.get(each)}
        if not found[question.subject] or not stalled <= {each.subject for each in again}:
            continue
        if rest := tries - (not stalled):
            again[question] = rest
    return again


def _round(api: Any, asked: Sequence[Question]) -> dict[Question, Mapping[str, Any] | None]:
    by_container: dict[tuple[str, str], list[Question]] = {}
    for question in asked:
        by_container.setdefault((question.container, question.program), []).append(question)
    parts = [
        each[first : first + _AT_ONCE]
        for each in by_container.values()
        for first in range(0, len(each), _AT_ONCE)
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda part: _answers(api, part), parts)
        return {
            question: answer
            for part, given in zip(parts, answers, strict=True)
            for question, answer in zip(part, given, strict=True)
        }


def _answers(api: Any, asked: Sequence[Question]) -> Sequence[Mapping[str, Any] | None]:
    """Ask in one container; without an answer where that cannot ask, which is looked at itself."""
    text = json.dumps([question.words for question in asked])
    command = ["python3", "-IS", "-c", asked[0].program + ALL, text]
    for _ in range(_READS):
        try:
            job = api.exec_create(asked[0].container, command, stderr=False)["Id"]
            given = json.loads(api.exec_start(job))
        except DaemonError:
            break
        except ValueError:
            continue
        if isinstance(given, list) and len(given) == len(asked):
            return [answer if isinstance(answer, dict) else None for answer in given]
    return [None] * len(asked)
