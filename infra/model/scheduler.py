"""The scheduler of a service: runs its jobs when they are due, in a container of the service.

The container runs this very text, beside that of the schedules; it needs nothing but the standard
library.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone, tzinfo
from typing import Any

from infra.settings.cron import Schedule

_LATE = 90
"""Seconds after which a run counts as missed: the machine slept, or its clock was set."""
_LONGEST_SLEEP = 10.0


class Job:
    """One job: its schedule, what runs of it, and how it has gone so far."""

    def __init__(self, name: str, said: dict[str, Any]) -> None:
        self.name, self.command = name, said["command"]
        self.overlap = said.get("overlap", "forbid")
        self.schedule = Schedule.of(said["schedule"])
        self.zone = _zone(said.get("timezone", "UTC"))
        self.running: list[tuple[subprocess.Popen[bytes], datetime]] = []
        self.told: dict[str, Any] = {
            "schedule": said["schedule"],
            "runs": 0,
            "failures": 0,
            "missed": 0,
            "last": None,
            "last_code": None,
            "next": None,
        }
        self.plan(_now())

    def plan(self, moment: datetime) -> None:
        """Find out when it is due next after a moment."""
        self.due = self.schedule.after(moment, self.zone)
        self.told["next"] = self.due.isoformat() if self.due else None

    def tick(self, moment: datetime) -> bool:
        """Start and end what is to be; gives whether anything has changed."""
        changed = self._reap(moment)
        if self.due is None or moment < self.due:
            return changed
        late = (moment - self.due).total_seconds() > _LATE
        if late or (self.running and self.overlap == "forbid"):
            self.told["missed"] += 1
            _say(self.name, "missed", reason="late" if late else "the run before has not ended")
        if not late and not (self.running and self.overlap == "forbid"):
            self._start(moment)
        self.plan(moment)
        return True

    def _start(self, moment: datetime) -> None:
        _say(self.name, "started")
        self.told["last"] = moment.isoformat()
        self.told["runs"] += 1
        try:
            process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
        except OSError as error:
            self._ended(127, 0.0, str(error))
            return
        self.running.append((process, moment))

    def _reap(self, moment: datetime) -> bool:
        ended = [each for each in self.running if each[0].poll() is not None]
        for process, began in ended:
            self.running.remove((process, began))
            self._ended(process.returncode, (moment - began).total_seconds(), "")
        return bool(ended)

    def _ended(self, code: int, seconds: float, reason: str) -> None:
        self.told["last_code"] = code
        self.told["failures"] += code != 0
        _say(self.name, "ended", code=code, seconds=round(seconds, 1), reason=reason)


def run(jobs: Sequence[Job], status: str) -> None:
    """Run jobs until told to stop; then what runs of them is told, too, and waited for.

    How they have gone is written into the file ``status`` at each change.
    """
    _write(jobs, status)
    while True:
        changed = [job for job in jobs if job.tick(_now())]
        if changed:
            _write(jobs, status)
        coming = [(job.due - _now()).total_seconds() for job in jobs if job.due]
        busy = any(job.running for job in jobs)
        time.sleep(max(0.05, min([*coming, 0.5 if busy else _LONGEST_SLEEP])))


def stop(jobs: Sequence[Job]) -> None:
    """End what runs: each hears of it once, and has the time that the container has."""
    processes = [process for job in jobs for process, _ in job.running]
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()
    sys.exit(0)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return timezone.utc
    try:
        from zoneinfo import ZoneInfo

        return ZoneInfo(name)
    except Exception:
        sys.exit(f"the image does not know the time zone {name}; install tzdata in it")


def _say(job: str, event: str, **more: object) -> None:
    told = {key: value for key, value in more.items() if value not in ("", None)}
    print(json.dumps({"cron": job, "event": event, **told}), flush=True)


def _write(jobs: Sequence[Job], status: str) -> None:
    with open(f"{status}.next", "w") as file:  # noqa: PTH123 - any Python will do
        json.dump({job.name: job.told for job in jobs}, file)
    os.replace(f"{status}.next", status)  # noqa: PTH105 - any Python will do


if __name__ == "__main__":
    wanted = [Job(name, said) for name, said in json.loads(sys.argv[1]).items()]
    for each in (signal.SIGTERM, signal.SIGINT):  # images name one or the other
        signal.signal(each, lambda *_: stop(wanted))
    run(wanted, sys.argv[2])
