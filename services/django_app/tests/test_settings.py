import os
import subprocess
import sys
from pathlib import Path

import pytest

from website import database

SERVICE = Path(__file__).parents[1]
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "ENVIRONMENT": "production",
    "SECRET_KEY": "0123456789 abcdefghijklmnopqrstuvwxyz, fifty or more",
    "ALLOWED_HOSTS": "www.example",
    "DATABASE_URL": "sqlite://:memory:",
    "WEBSTACK_SERVICE": "django",
}


def manage(*command, **variables):
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *command],
        cwd=SERVICE,
        env={**PRODUCTION, **variables},
        capture_output=True,
        text=True,
    )


def test_production_over_https_passes_djangos_own_review():
    review = manage("check", "--deploy", "--fail-level", "WARNING", HTTPS="1")
    assert (review.returncode, review.stderr) == (0, "")
    assert review.stdout == "System check identified no issues (1 silenced).\n"


def test_cookies_and_redirects_follow_https():
    """Over plain http a secure cookie would never come back, and nobody could log in."""
    wanted = "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"
    for https in (False, True):
        shown = manage(
            "shell",
            "-v0",
            "-c",
            f"from django.conf import settings as s; {wanted}",
            HTTPS=str(int(https)),
        )
        assert shown.stdout == f"{https} {https} {https}\n"


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_wrong_settings_end_every_command_in_one_line(command):
    refused = manage(command, DEBUG="1", ALLOWED_HOSTS="*")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "django does not start: DEBUG is on, and this is production; "
        "ALLOWED_HOSTS is open to every host (*)\n"
    )


def test_models_have_their_migrations():
    assert manage("makemigrations", "--check", "--dry-run").returncode == 0


def test_sqlite_serves_several_processes():
    found = database.for_django("sqlite:////data/x.sqlite3")
    assert found["NAME"] == "/data/x.sqlite3"
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode = WAL" in found["OPTIONS"]["init_command"]


def test_a_postgresql_url_is_understood():
    found = database.for_django("postgresql://u:p@db:5432/site")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["NAME"], found["CONN_HEALTH_CHECKS"]) == ("db", "site", True)
    assert "init_command" not in found.get("OPTIONS", {})


def test_threads_share_as_many_connections_as_are_allowed():
    found = database.for_django("postgresql://site@/site?host=/run/postgresql", "4")
    assert found["CONN_MAX_AGE"] == 0
    assert found["OPTIONS"]["host"] == "/run/postgresql"
    assert found["OPTIONS"]["pool"]["max_size"] == 4
    assert found["OPTIONS"]["pool"]["min_size"] == 1
    assert "pool" not in database.for_django("sqlite:////data/x.sqlite3", "4")["OPTIONS"]
