"""The container that makes backups of PostgreSQL at their time, and proves them: pure.

It has the server's image and volumes, and as much memory as a restored server needs. Nobody but it
has the key of the backups at hand.
"""

from __future__ import annotations

import json
from dataclasses import replace

from infra.model import scheduling
from infra.model.specs import Container, Health, Stack
from infra.settings.data_servers import Backups, Postgres
from infra.settings.roles import CronJob
from infra.settings.types import Secret
from webstack.contract.container_paths import CRON_STATUS
from webstack.contract.role_names import CRON, full_name

KEY = "BACKUP_KEY"
"""The variable with the key of the backups."""
S3_KEYS = {"BACKUP_S3_KEY": "key", "BACKUP_S3_SECRET": "secret"}
"""The variables with the keys of the bucket, and the settings that they are from."""
JOB = "backup"
_PROOF = "/var/lib/pgbackrest/proof"
"""Where a backup is restored to be proven; it is empty afterwards."""
_BESIDE = 64
"""MiB for what makes the backups, beside the server that one is restored into."""


def keeper(
    stack: Stack, wanted: Postgres, backups: Backups, name: str, server: Container
) -> Container:
    """Give the container; ``server`` is the one of PostgreSQL, of which it is a copy."""
    full = full_name(name, CRON)
    proof = {"proof": dict(backups.proof)} if backups.proof else {}
    rule = {"full": backups.full, **_counts(backups), **proof}
    words = (server.command or ())[1:]
    job = CronJob(
        schedule=backups.schedule,
        timezone=backups.timezone,
        command=("webstack-backup", "scheduled", json.dumps(rule), f"{_PROOF}/data", "--", *words),
    )
    return replace(
        server,
        name=stack.named(full),
        command=scheduling.command({JOB: job}),
        memory=wanted.memory + _BESIDE,
        environment={"BACKUP_RULE": json.dumps(rule), **_place(stack, backups)},
        secrets=secrets(backups),
        health=Health(("CMD", "test", "-s", CRON_STATUS)),
        labels={**stack.labels, "webstack.role": full},
    )


def secrets(backups: Backups) -> dict[str, Secret]:
    """Give the secrets of the container: the key of the backups, and those of the bucket."""
    if not backups.s3:
        return {KEY: Secret()}
    keys = {name: getattr(backups.s3, part).setting for name, part in S3_KEYS.items()}
    return {KEY: Secret(), **{name: Secret(setting=setting) for name, setting in keys.items()}}


def _place(stack: Stack, backups: Backups) -> dict[str, str]:
    """Say where backups go, if not into the volume; each stack has a folder of the bucket."""
    if not backups.s3:
        return {}
    host, _, port = backups.s3.endpoint.partition(":")
    said = {
        "repo1-type": "s3",
        "repo1-path": f"/{stack.project}/{stack.name}",
        "repo1-s3-endpoint": host,
        "repo1-storage-port": port or "443",
        "repo1-s3-bucket": backups.s3.bucket,
        "repo1-s3-region": backups.s3.region,
        "repo1-s3-uri-style": backups.s3.style,
        "repo1-storage-verify-tls": "y" if backups.s3.verify else "n",
    }
    return {"BACKUP_PLACE": json.dumps(said)}


def _counts(backups: Backups) -> dict[str, int]:
    return {name: getattr(backups.keep, name) for name in ("daily", "weekly", "monthly")}
