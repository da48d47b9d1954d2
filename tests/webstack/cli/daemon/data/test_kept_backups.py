"""Scheduled backups are told with the moment that would come back and what would be lost."""

from __future__ import annotations

import pytest

from tests.webstack.cli.daemon.prepared import Prepared
from webstack.cli.daemon.containers import Container
from webstack.cli.daemon.data import kept_backups
from webstack.cli.daemon.data.kept_backups import Kept, Report, faults, reports_of
from webstack.cli.daemon.jobs import Job

NAME = "webstack-dev-postgres-cron"
OLD = Kept("20261129-010446F", ended=1_000_000, size=5 << 20, seconds=12)


def container(service: str = "postgres-cron", state: str = "running") -> Container:
    return Container(NAME, "background", service, state, "", "", 0)


def test_what_is_proven_is_told_with_its_age_size_and_time():
    told = Report(OLD, OLD, archived=1_007_160).sentence(now=1_007_200)
    assert told == (
        "Backups: 20261129-010446F is proven (2 hours old, 5.0 MiB, restored in 12 s); "
        "what was written in the last 40 s could be lost."
    )


def test_without_a_log_of_changes_all_since_the_backup_could_be_lost():
    assert "in the last 3 days could be lost" in Report(OLD, OLD, 0).sentence(1_000_000 + 259_200)


def test_one_that_is_not_proven_does_not_count():
    assert Report(OLD, None, 0).sentence(2_000_000) == "Backups: none is proven yet."


@pytest.mark.parametrize("said", [b"", b"executable file not found", b"[]"])
def test_one_that_cannot_say_has_no_report(said: bytes):
    assert reports_of(Prepared(said), [container()]) == {}  # type: ignore[arg-type]


def test_whose_files_are_meant_is_told():
    assert Report(OLD, None, 0).sentence(2_000_000, "shop").startswith("Backups of shop: none")


def test_only_the_container_of_backups_is_asked():
    said = b'{"newest": null, "proven": null, "archived": 0}'
    nothing = Report(None, None, 0)
    own = [container(), container("shop-backup-cron")]
    found = reports_of(Prepared(said), own)  # type: ignore[arg-type]
    assert found == {"postgres-cron": nothing, "shop-backup-cron": nothing}
    others = [container("shop-cron"), container(state="exited"), container("shop")]
    assert reports_of(Prepared(said), others) == {}  # type: ignore[arg-type]


def test_a_run_that_failed_is_a_fault():
    failed = {NAME: {kept_backups.JOB: Job(last="2026-11-29T02:30:00+00:00", last_code=1)}}
    assert "has failed to back up or to prove it" in faults(failed)[NAME]
    late = Job(last="2026-11-29T02:30:00+00:00", missed=2)
    assert "has not ended what it began" in faults({NAME: {kept_backups.JOB: late}})[NAME]
    for job in (Job(), Job(last="2026-11-29T02:30:00+00:00", last_code=0)):
        assert faults({NAME: {kept_backups.JOB: job}}) == {}
    files = {"webstack-dev-shop-backup-cron": {kept_backups.JOB: Job(last_code=1)}}
    assert list(faults(files)) == ["webstack-dev-shop-backup-cron"]
    assert faults({"webstack-dev-shop-cron-0": {"backup": Job(last_code=1)}}) == {}
