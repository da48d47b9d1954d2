"""The changes that a stack goes through under load; each one ends with a stack that serves."""

from __future__ import annotations

import itertools
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.load.trial import Trial, TrialError, docker

EXTRA_HOST = "load.localhost"
_numbers = itertools.count(2)


@dataclass(frozen=True)
class Scenario:
    """A name for the table, and a change to run, which gives the seconds until it was live.

    ``replicas`` is the number of replicas that the service must have before, where that matters.
    """

    name: str
    run: Callable[[Trial], float]
    replicas: int | None = None

    def prepare(self, trial: Trial) -> None:
        """Bring the stack to the state in which the scenario can begin."""
        if self.replicas not in (None, trial.service["replicas"]):
            _replicas(self.replicas or 1)(trial)


def _new_code(trial: Trial) -> float:
    version = _new_version(trial)
    return trial.up(lambda: trial.says("x-version", version))


def _new_environment(trial: Trial) -> float:
    greeting = _new_greeting(trial)
    return trial.up(lambda: trial.says("x-greeting", greeting))


def _replicas(number: int) -> Callable[[Trial], float]:
    def run(trial: Trial) -> float:
        more = number > trial.service["replicas"]
        trial.service["replicas"] = number
        counted = trial.serving if more else trial.containers
        return trial.up(lambda: len(counted()) == number)

    return run


def _restarted_replica(trial: Trial) -> float:
    began = time.monotonic()
    docker("restart", trial.containers()[0])
    return _until_all_serve(trial, began)


def _killed_replica(trial: Trial) -> float:
    began, container = time.monotonic(), trial.containers()[0]
    docker("kill", container)
    time.sleep(1)
    docker("start", container)
    return _until_all_serve(trial, began)


def _new_route(trial: Trial) -> float:
    trial.service["hosts"] = [EXTRA_HOST]
    greeting = trial.service["environment"]["GREETING"]
    return trial.up(lambda: trial.says("x-greeting", greeting, "/", EXTRA_HOST))


def _added_service(trial: Trial) -> float:
    trial.services["extra"] = _extra(trial)
    return trial.up(lambda: trial.says("x-greeting", "extra", "/extra/"))


def _moved_service(trial: Trial) -> float:
    trial.services["extra"]["path"] = "/moved"
    return trial.up(lambda: trial.says("x-greeting", "extra", "/moved/"))


def _removed_service(trial: Trial) -> float:
    path = trial.services.pop("extra")["path"]
    return trial.up(lambda: not trial.says("x-greeting", "extra", f"{path}/"))


def _new_nginx_limits(trial: Trial) -> float:
    memory = {"memory": 128 + next(_numbers)}
    trial.settings["webstack:proxy"] = memory
    return _nginx_replaced(trial)


def _new_nginx_image(trial: Trial) -> float:
    dockerfile = trial.root / "proxy" / "Dockerfile"
    dockerfile.write_text(f"{dockerfile.read_text()}LABEL trial={next(_numbers)}\n")
    return _nginx_replaced(trial)


def _moved_to_tcp(trial: Trial) -> float:
    trial.service["port"] = 8000
    return _new_environment(trial)


def _moved_back(trial: Trial) -> float:
    del trial.service["port"]
    return _new_environment(trial)


def _never_healthy(trial: Trial) -> float:
    trial.service["start_timeout"] = 3
    with _broken(trial, "HEALTHY = True", "HEALTHY = False"):
        seconds = trial.failing_up("is not healthy after 3 s")
    trial.service["start_timeout"] = 20
    return seconds


def _exits_at_once(trial: Trial) -> float:
    with _broken(trial, "HEALTHY = True", 'raise RuntimeError("no luck today")'):
        return trial.failing_up("exited with code", "no luck today")


def _failing_command(trial: Trial) -> float:
    trial.service["command"] = ["/no/such/command"]
    seconds = trial.failing_up("/no/such/command")
    del trial.service["command"]
    return seconds


def _broken_configuration(trial: Trial) -> float:
    file = trial.root / "proxy" / "servers.py"
    good = file.read_text()
    file.write_text(good.replace('"least_conn"', '"no_such_directive"'))
    seconds = trial.failing_up("no_such_directive")
    file.write_text(good)
    return seconds


def _broken_gate_job(trial: Trial) -> float:
    trial.service["before_release"] = ["python3", "-c", "raise SystemExit('cannot migrate')"]
    with _broken(trial, "HEALTHY = True", "HEALTHY = bool(1)"):
        seconds = trial.failing_up("cannot migrate")
    del trial.service["before_release"]
    return seconds


def _killed_up(trial: Trial) -> float:
    """Change everything, kill the run twice on its way, and let the third run arrive."""
    began, version = time.monotonic(), _change_everything(trial)
    for _ in range(2):
        trial.killed_up(random.uniform(0.05, 1.0) * trial.duration)
    lost = time.monotonic() - began
    return lost + trial.up(lambda: trial.says("x-version", version))


def _everything(trial: Trial) -> float:
    trial.save()
    version = _change_everything(trial)
    return trial.up(lambda: trial.says("x-version", version))


def _rolled_back(trial: Trial) -> float:
    """Take back all changes of `everything` by one rollback."""
    if trial.saved is None:
        _everything(trial)
    version = trial.restore()
    return trial.rollback(lambda: trial.says("x-version", version))


def _change_everything(trial: Trial) -> str:
    _new_greeting(trial)
    trial.service["hosts"] = [f"load-{next(_numbers)}.localhost"]
    trial.settings["webstack:proxy"] = {"memory": 128 + next(_numbers)}
    return _new_version(trial)


def _new_version(trial: Trial) -> str:
    number = next(_numbers)
    trial.edit(r"VERSION = \d+", f"VERSION = {number}")
    return str(number)


def _new_greeting(trial: Trial) -> str:
    greeting = f"greeting {next(_numbers)}"
    trial.service["environment"] = {"GREETING": greeting}
    return greeting


@contextmanager
def _broken(trial: Trial, old: str, new: str) -> Iterator[None]:
    """Put a fault into the service, and mend it afterwards."""
    trial.edit(re.escape(old), new)
    yield
    trial.edit(re.escape(new), old)


def _extra(trial: Trial) -> dict[str, object]:
    only = {"path": "/extra", "replicas": 1, "environment": {"GREETING": "extra"}}
    return {**{k: v for k, v in trial.service.items() if k != "hosts"}, **only}


def _nginx_replaced(trial: Trial) -> float:
    before = trial.containers("proxy")
    return trial.up(lambda: bool(set(trial.containers("proxy")) - set(before)))


def _until_all_serve(trial: Trial, began: float) -> float:
    while len(trial.serving()) < trial.service["replicas"]:
        if time.monotonic() > began + 30:
            raise TrialError("a replica does not come back")
        time.sleep(0.05)
    return time.monotonic() - began


SCENARIOS = (
    Scenario("new code", _new_code),
    Scenario("new environment value", _new_environment),
    Scenario("replicas 1 → 3", _replicas(3), 1),
    Scenario("replicas 3 → 2", _replicas(2), 3),
    Scenario("one of two replicas restarted", _restarted_replica, 2),
    Scenario("new route", _new_route),
    Scenario("added service", _added_service),
    Scenario("other path of that service", _moved_service),
    Scenario("removed service", _removed_service),
    Scenario("new limits of nginx", _new_nginx_limits),
    Scenario("new nginx image", _new_nginx_image),
    Scenario("service that speaks only TCP comes", _moved_to_tcp),
    Scenario("new code of a service that speaks only TCP", _new_code),
    Scenario("service that speaks only TCP goes", _moved_back),
    Scenario("bad release: never healthy", _never_healthy),
    Scenario("bad release: exits at once", _exits_at_once),
    Scenario("bad release: failing start command", _failing_command),
    Scenario("bad release: broken nginx.conf", _broken_configuration),
    Scenario("bad release: broken before_release", _broken_gate_job),
    Scenario("up killed twice, then run again", _killed_up),
    Scenario("code, environment, route and nginx at once", _everything),
    Scenario("rollback of all that", _rolled_back),
    Scenario("replicas 2 → 1", _replicas(1), 2),
)

FAULTS = (Scenario("one of two replicas killed", _killed_replica, 2),)
"""Faults that lose the requests which a container works on, except those that may be sent twice."""
