"""A log tells why a container does not go live, and which line would mend it."""

from __future__ import annotations

import pytest

from infra.rollout.gate.symptoms import advice

KEY = "webstack:services.shop"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            "  File \"<frozen os>\", line 679, in __getitem__\nKeyError: 'API_URL'",
            f"it needs the variable API_URL: add API_URL to {KEY}.environment, or to {KEY}.secr",
        ),
        (
            "django.core.exceptions.ImproperlyConfigured: Set the DATABASE_URL environment variabl"
            "e",
            "it needs the variable DATABASE_URL: ",
        ),
        (
            "decouple.UndefinedValueError: SECRET_KEY not found. Declare it",
            "it needs the variable S",
        ),
        (
            'environs.EnvError: Environment variable "MAIL_HOST" not set',
            "it needs the variable MAIL",
        ),
        (
            "Failed to find attribute 'app' in 'shop.wsgi'.",
            f"what it is to serve has no app: name it as module:name in {KEY}.app",
        ),
        (
            'ERROR: Error loading ASGI app. Could not import module "shop.web".',
            "there is no module",
        ),
        (
            "sqlite3.OperationalError: no such table: post",
            f"it has no table post: name the command that makes it in {KEY}.before_release, ",
        ),
        (
            'psycopg.errors.UndefinedTable: relation "shop_item" does not exist',
            "it has no table shop_item: ",
        ),
        (
            "ProgrammingError: (1146, \"Table 'shop.item' doesn't exist\")",
            "it has no table shop.item: ",
        ),
        (
            "[2026-01-01 10:00:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:8)\nWorker (pid:8) was "
            "sent SIGKILL! Perhaps out of memory?",
            f"its worker 8 took longer than it may: give it more seconds in {KEY}.timeout, or ",
        ),
        ("ModuleNotFoundError: No module named 'shop.wsgy'", "its image has no module shop.wsgy: "),
        (
            'connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
            "it looks for PostgreSQL at localhost, which is not there: name the address of one tha",
        ),
        ('could not translate host name "db" to address: Name', "it looks for PostgreSQL at db, "),
        ("Error 111 connecting to localhost:6379. Connection", "it looks for Redis at localhost:6"),
        ("Error -2 connecting to redis:6379. Name or service", "it looks for Redis at redis:6379"),
        ("Can't connect to MySQL server on 'db' (115)", "it looks for MySQL at db, which is not"),
        (
            "[Errno 13] Permission denied: ('0.0.0.0', 80)",
            "it may not listen on port 80: have it listen on one above 1023, and name that in",
        ),
        ("listen tcp :443: bind: permission denied", "it may not listen on port 443"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: P", "it may not listen on port 80"),
        ("supercronic: must be run as root", "it wants to be root, which no service is: start t"),
        ("chown: /data: Operation not permitted", "it wants to be root, which no service is"),
    ],
)
def test_a_log_names_its_cause(log: str, said: str):
    for whole in (log, f"starting\n{log}\nits end"):
        assert advice("shop", whole, 1).startswith(f"; {said}")


def test_the_last_cause_counts():
    log = "KeyError: 'FIRST'\nDuring handling of the above exception\nKeyError: 'SECOND'"
    assert "variable SECOND" in advice("shop", log, 1)


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            " * Running on http://127.0.0.1:5000",
            f"it listens on 127.0.0.1:5000, where nobody else reaches it: have it listen on "
            f"0.0.0.0:5000 and add {KEY}.port: 5000, or on $WEBSTACK_SOCKET",
        ),
        (
            "[1] [INFO] Listening at: http://0.0.0.0:8000 (1)",
            f"it listens on port 8000: add {KEY}.port: 8000, or have it take $WEBSTACK_SOCKET",
        ),
        (
            "INFO: Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C",
            "it listens on 127.0.0.1:",
        ),
        ("Server listening on *:3000", "it listens on port 3000"),
    ],
)
def test_one_that_listens_elsewhere_is_told_what_to_add(log: str, said: str):
    assert advice("shop", log, listens=True).startswith(f"; {said}")
    assert advice("shop", log, 1) == "", "one that has ended listens nowhere"


def test_workers_that_are_killed_want_memory_whatever_the_log_tells_of_before():
    log = (
        'psycopg.errors.UndefinedTable: relation "shop_item" does not exist\n'
        "[1] [ERROR] Worker (pid:8) was sent SIGKILL! Perhaps out of memory?\n"
        "[142] [INFO] Booting worker with pid: 142"
    )
    assert advice("shop", log).endswith(f"for want of memory: give it more in {KEY}.memory")
    later = log + "\n" * 20 + "KeyError: 'API_URL'"
    assert "the variable API_URL" in advice("shop", later), "that was long ago"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, "it has ended without an error, as programs do that go into the background: have it "),
        (127, f"its command is no program of the image: name one that is in {KEY}.command"),
        (126, "its command is no program of the image"),
        (1, ""),
        (137, ""),
        (None, ""),
    ],
)
def test_an_exit_code_alone_says_something(code: int | None, said: str):
    assert advice("shop", "nothing of use", code).startswith(f"; {said}" if said else "")
    assert bool(advice("shop", "nothing of use", code)) == bool(said)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (["/bin/sh", "-c", "python app.py"], True),
        (["python", "app.py"], False),
        (["/bin/sh", "-c", 'exec "$@"', "x"], False),
        ([], False),
    ],
)
def test_a_shell_in_front_is_told_where_nothing_else_is(entry: list[str], told: bool):
    assert ("ENTRYPOINT in shell form" in advice("shop", "", 1, entry)) is told
    assert "variable A_B_C" in advice("shop", "KeyError: 'A_B_C'", 1, entry)


@pytest.mark.parametrize(
    "log", ["", "KeyError: 'lower'", "KeyError: 5", "a" * 100_000, "\n" * 9999]
)
def test_a_log_without_a_sign_says_nothing(log: str):
    assert advice("shop", log, 1) == ""
