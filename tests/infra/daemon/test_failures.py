"""What goes wrong at the engine, as the user reads it."""

from __future__ import annotations

import pytest
from docker.errors import APIError, DockerException
from requests.exceptions import ConnectionError as Unreachable

from infra.daemon.failures import (
    DeploymentError,
    engine_failure,
    told_plainly,
    without_space,
    without_writing,
)

FULL = APIError("500 Server Error", explanation="write /layer: no space left on device")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (APIError("409 Conflict", explanation="in use\nby x"), "in use by x"),
        (FULL, "no disk space left for the Docker daemon; see `docker system df`"),
        (
            DockerException("connection refused"),
            "the Docker daemon does not answer (connection refused); see `webstack doctor`",
        ),
    ],
)
def test_an_error_of_the_engine_is_one_line_with_the_way_out(error, meaning):
    assert engine_failure(error) == meaning


def test_a_build_that_fills_the_disk_is_known_by_its_output():
    said = "head: No space left on device"
    assert without_space("code 1", said).startswith("no disk space")


@pytest.mark.parametrize("error", [Unreachable("reset"), DockerException("reset"), FULL])
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
