"""Decides when new containers are ready for users: they have to live, to prepare, to answer.

All containers are waited for and every failure is told, so that one run shows all that there is to
repair.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

from infra.daemon.failures import ContainerError, without_writing
from infra.model.rollout_plan import ReplicaTarget, RolloutPlan, socket_of
from infra.rollout.events import Alive, Gated, Healthy, Timeline, Unhealthy
from infra.rollout.gate import first_run
from infra.rollout.gate.answers import Answer, meaning
from infra.rollout.gate.preparation import prepare
from infra.rollout.gate.probe import probe_command
from infra.rollout.gate.symptoms import advice
from infra.rollout.running_containers import RunningContainers
from infra.settings.sections import NAMESPACE
from webstack.contract.health_check import HealthCheck

POLL = 0.2
ROUND = 0.5
"""Seconds for which one command asks again and again, before the container is looked at.

To start a command takes longer than any question.
"""
ALIVE = 5.0
"""Seconds after which a container that answers nothing, and does not end, counts as alive.

It may wait for what its preparation makes.
"""
_ANY = ((0, 999),)
Commands = Mapping[str, Sequence[tuple[str, ...]]]
"""What services run before they are switched to, by service."""
_Enough = Callable[[Answer, HealthCheck, float], bool]


@dataclass(frozen=True)
class Failure:
    """Says why a container of a service does not go live, with the end of its log.

    ``code`` is the exit code if it has ended. ``entrypoint`` is that of its image. A container that
    ``serves`` should listen on its socket.
    """

    service: str
    container: str
    reason: str
    log: str
    code: int | None = None
    entrypoint: tuple[str, ...] = ()
    serves: bool = False

    @property
    def advice(self) -> str:
        """Say what the log and the image tell of the cause, and what to do."""
        listens = self.serves and self.code is None
        return without_writing(self.service, self.log) or advice(
            self.service, self.log, self.code, self.entrypoint, listens=listens
        )


@dataclass(frozen=True)
class Gate:
    """Waits for the containers of one plan, on one daemon."""

    containers: RunningContainers
    plan: RolloutPlan
    commands: Commands
    timeline: Timeline = field(default_factory=Timeline)

    def run(self) -> None:
        """Wait until all is ready; raises ContainerError that tells all that is not."""
        self.wait()
        for name, commands in self.commands.items():
            service = self.plan.services[name]
            for command in commands:
                prepare(self.containers, name, service, command, self.timeline)
                if command == service.init:
                    first_run.note(self.containers, self.plan.proxy, name)
        self._require(dict.fromkeys(self._late(), _is_healthy))
        self.timeline.tell(Gated())

    def wait(self) -> None:
        """Wait for all that can be ready before the commands run; raises ContainerError."""
        late = self._late()
        self._require(
            {name: _is_alive if name in late else _is_healthy for name in self.plan.services}
        )

    def _late(self) -> list[str]:
        """Name the services that answer well only once their commands have run."""
        services = self.plan.services
        return [name for name in self.commands if services[name].check.asked == "after"]

    def _require(self, conditions: Mapping[str, _Enough]) -> None:
        jobs = [
            (name, target, enough)
            for name, enough in conditions.items()
            for target in self.plan.services[name].replicas
        ]
        with ThreadPoolExecutor(len(jobs) or 1) as pool:
            results = [pool.submit(self._judged, *job) for job in jobs]
            failures = [failure for result in results if (failure := result.result())]
        if failures:
            raise ContainerError(told(failures))

    def _judged(self, name: str, target: ReplicaTarget, enough: _Enough) -> Failure | None:
        """Wait for a container, and give the reason if it fails."""
        failure = self._waited_for(name, target, enough)
        container = target.container
        if failure:
            told = Unhealthy(service=name, container=container, reason=failure.reason)
            self.timeline.tell(told)
        else:
            kind = Healthy if enough is _is_healthy else Alive
            self.timeline.tell(kind(service=name, container=container))
        return failure

    def _waited_for(self, name: str, target: ReplicaTarget, enough: _Enough) -> Failure | None:
        service = self.plan.services[name]
        began = time.monotonic()
        while True:
            asked = time.monotonic()
            answer = self._asked(name, target, enough, service.start_timeout - (asked - began))
            passed = time.monotonic() - began
            if enough(answer, service.check, passed):
                return None
            try:
                if self.containers.status(target.container).failed:
                    return self._exited(name, target.container)
            except ContainerError as error:
                return Failure(name, target.container, f"cannot be looked at: {error}", "")
            if passed > service.start_timeout:
                return self._silent(name, target, answer)
            time.sleep(max(POLL - (time.monotonic() - asked), 0))

    def _asked(self, name: str, target: ReplicaTarget, enough: _Enough, left: float) -> Answer:
        """Ask for a round, or until the answer is good enough."""
        check = self.plan.services[name].check
        seconds = f"{min(max(left, 1.0), check.timeout):.1f}"
        question = (socket_of(name, target), check.path, check.host or "localhost", seconds)
        ranges = check.ranges if enough is _is_healthy else _ANY
        wanted = ",".join(f"{low}-{high}" for low, high in ranges)
        within = f"{min(max(left, 0), ROUND):.2f}"
        command = probe_command("--until", *question, check.scheme, within, wanted)
        try:
            said = self.containers.read(self.plan.proxy, *command)
            return msgspec.json.decode(said, type=Answer)
        except (ContainerError, msgspec.DecodeError) as error:
            return Answer(problem=f"no way to ask: {error}".partition("\n")[0])

    def _exited(self, name: str, container: str) -> Failure:
        """Say why a container has ended, and keep Docker from starting it again."""
        code = self.containers.exit_code(container)
        log = self.containers.last_lines(container)
        self.containers.stop(container)
        known = "" if code is None else f" with code {code}"
        return self._failure(name, container, f"exited{known}", log, code)

    def _failure(
        self, name: str, container: str, reason: str, log: str, code: int | None = None
    ) -> Failure:
        try:
            found = self.containers.inspected(container).get("Config") or {}
        except ContainerError:
            found = {}
        entrypoint = tuple(found.get("Entrypoint") or ())
        return Failure(name, container, reason, log, code, entrypoint, serves=True)

    def _silent(self, name: str, target: ReplicaTarget, answer: Answer) -> Failure:
        service = self.plan.services[name]
        check = service.check
        means = meaning(answer, check, relayed=len(target.pids) > 1)
        reason = (
            f"is not healthy after {service.start_timeout} s: GET {check.path} for host "
            f"{check.host} gave {answer}, not {check.accepted}: {means} "
            f"({NAMESPACE}:services.{name}.health)"
        )
        log = self.containers.last_lines(target.container)
        return self._failure(name, target.container, reason, log)


def told(failures: Iterable[Failure]) -> str:
    """Tell all failures; replicas that fail alike are told together, with the log of the first."""
    alike: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        alike.setdefault((failure.service, failure.reason), []).append(failure)
    parts = [_part(group) for group in alike.values()]
    if len(parts) == 1:
        return parts[0]
    services = {service for service, _ in alike}
    return "\n".join([f"{', '.join(sorted(services))} cannot go live:", *parts])


def _part(group: Sequence[Failure]) -> str:
    names = ", ".join(failure.container for failure in group)
    first = group[0]
    wrote = f"its last lines:\n{first.log}" if first.log else "it wrote nothing"
    return f"{names} {first.reason}{first.advice}; {wrote}"


def _is_alive(answer: Answer, _check: HealthCheck, seconds: float) -> bool:
    return answer.status is not None or seconds > ALIVE


def _is_healthy(answer: Answer, check: HealthCheck, _seconds: float) -> bool:
    return check.accepts(answer.status)
