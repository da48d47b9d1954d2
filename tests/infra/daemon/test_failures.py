"""Errors of the daemon reach the user in words."""

from __future__ import annotations

import pytest

from infra.daemon.failures import (
    DeploymentError,
    daemon_failure,
    told_plainly,
    without_space,
    without_writing,
)
from webstack.docker.errors import DaemonError, NoAnswerError, RefusedError

FULL = RefusedError("write /layer: no space left on device")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (RefusedError("in use\nby x", 409), "in use by x"),
        (FULL, "no disk space left for the Docker daemon; see `docker system df`"),
        (
            DaemonError("connection refused"),
            "the Docker daemon does not answer (connection refused); see `webstack doctor`",
        ),
    ],
)
def test_an_error_of_the_engine_is_one_line_with_the_way_out(error, meaning):
    assert daemon_failure(error) == meaning


def test_a_build_that_fills_the_disk_is_known_by_its_output():
    said = "head: No space left on device"
    assert without_space("code 1", said).startswith("no disk space")


@pytest.mark.parametrize("error", [NoAnswerError("reset"), DaemonError("reset"), FULL])
def test_an_engine_that_goes_away_is_a_failed_deployment(error):
    with pytest.raises(DeploymentError, match=r"the Docker daemon"), told_plainly():
        raise error


def test_a_failure_keeps_its_lines_and_shows_what_is_hidden_in_them():
    assert str(DeploymentError("it\n    said \x1b[2J\u2028")) == "it\n    said \\u001b[2J\\u2028"


def test_a_service_that_writes_where_it_may_not_is_told_of_the_settings():
    said = without_writing("shop", "ok", "OSError: [Errno 30] Read-only file system: '/app/x'")
    assert "webstack:services.shop.data (kept)" in said
    assert "webstack:services.shop.writable" in said
    assert without_writing("shop", "read-only", "file system") == ""


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        ("OSError: [Errno 30] Read-only file system: '/app/instance'", "/app/instance"),
        ("PermissionError: [Errno 13] Permission denied: '/logs/shop.log'", "/logs"),
        ("mkdir: cannot create directory '/srv/x/': Read-only file system", "/srv/x"),
        ("sh: 1: cannot create /var/shop/pid.1: Permission denied", "/var/shop"),
        ("Error: EROFS: read-only file system, open '/app/.cache/a.json'", "/app/.cache"),
        ("Read-only file system: '/shop.log'", None),
        ("sqlite3.OperationalError: unable to open database file", None),
        ("sqlite3.OperationalError: attempt to write a readonly database", None),
    ],
)
def test_the_folder_that_could_not_be_written_is_named(line: str, folder: str | None):
    said = without_writing("shop", f"    Traceback\n    {line}\n    more")
    assert "webstack:services.shop.data (kept)" in said
    assert said.partition(", as ")[2] == (
        f"data: {folder} or writable: {{{folder}: 16}}" if folder else ""
    )


@pytest.mark.parametrize(
    "line",
    ["Permission denied", "403 Permission denied for user shop", "denied: '/proc/1/mem'"],
)
def test_other_denials_are_no_matter_of_folders(line: str):
    assert without_writing("shop", line) == ""
