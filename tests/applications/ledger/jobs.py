"""Tasks of the ledger: a worker keeps a line, a moment later."""

from __future__ import annotations

import os
import time

import psycopg
from celery import Celery

app = Celery("jobs")
TASK = os.environ.get("TASK", "note")
"""The task that this release gives to its workers; those of an earlier release may lack it."""


def keep(line: str) -> None:
    """Write a line down."""
    time.sleep(0.1)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("INSERT INTO line VALUES (%s)", (line,))


for name in {"note", TASK}:
    app.task(name=name)(keep)


@app.task(name="fail")
def fail() -> None:
    """Raise an error, as a task that always fails."""
    raise ValueError("on purpose")
