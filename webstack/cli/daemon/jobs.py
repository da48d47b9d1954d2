"""Reads how the jobs of services have gone, from the containers that run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from webstack.cli.daemon.container_json import json_of
from webstack.cli.daemon.containers import Container, StackOnDocker
from webstack.contract.container_paths import CRON_STATUS
from webstack.contract.role_names import runs_jobs


class Job(msgspec.Struct, frozen=True):
    """Holds one job of a service, since its container was started; moments in ISO's form."""

    schedule: str = ""
    runs: int = 0
    failures: int = 0
    missed: int = 0
    last: str | None = None
    last_code: int | None = None
    next: str | None = None

    @property
    def result(self) -> str:
        """Say how the last run ended."""
        if self.last is None:
            return ""
        if self.last_code is None:
            return "running"
        return "ok" if self.last_code == 0 else f"failed (exit code {self.last_code})"


def jobs_of(
    docker: StackOnDocker, containers: Iterable[Container]
) -> Mapping[str, Mapping[str, Job]]:
    """Give the jobs by container and name; none of a container that cannot say."""
    schedulers = [
        each.name
        for each in containers
        if each.role in ("background", each.service)
        and runs_jobs(each.service)
        and each.state == "running"
    ]
    asked = (
        (name, json_of(docker.api, name, ("cat", CRON_STATUS), dict[str, Job]))
        for name in schedulers
    )
    return {name: found for name, found in asked if found}
