"""The command of a container that runs jobs when they are due: pure.

It carries the text of the scheduler and of the schedules: an image needs Python and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from infra.settings.roles import CronJob
from webstack.contract.container_paths import CRON_STATUS

_HERE = Path(__file__).parent
_SCHEDULER = f"""import sys, types
cron = types.ModuleType("infra.settings.cron")
sys.modules[cron.__name__] = cron
exec({(_HERE.parent / "settings" / "cron.py").read_text()!r}, cron.__dict__)
exec({(_HERE / "scheduler.py").read_text()!r})"""


def command(jobs: Mapping[str, CronJob]) -> tuple[str, ...]:
    """Give the command that runs these jobs, by name."""
    said = json.dumps(msgspec.to_builtins(jobs), sort_keys=True)
    return ("python3", "-c", _SCHEDULER, said, CRON_STATUS)
