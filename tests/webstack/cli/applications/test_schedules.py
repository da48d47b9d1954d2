"""Jobs that an application's own files schedule become jobs of its service."""

from __future__ import annotations

import json

import pytest

from tests.webstack.cli.applications.trees import DJANGO, FLASK, SETTINGS, found, settings

JOBS = """\
CRONJOBS = [
    ("*/5 * * * *", "shop.cron.send_all"),
    ("0 4 * * *", "django.core.management.call_command", ["clearsessions"]),
    ("@daily", "shop.cron.prune", [30], {"dry": False}, ">> /tmp/log"),
    ("never", "shop.cron.a"),
    ("0 1 * * *", "os; import evil"),
    ("0 1 * * *",),
]
"""


def test_django_crontab_s_jobs_are_functions_and_commands():
    said = settings(found({**DJANGO, "shop/settings.py": SETTINGS + JOBS}))
    assert {key: value for key, value in said.items() if key.startswith("cron.")} == {
        "cron.send-all": {
            "schedule": "*/5 * * * *",
            "command": [
                *("python3", "manage.py", "shell", "-c"),
                "from shop.cron import send_all; send_all()",
            ],
        },
        "cron.clearsessions": {
            "schedule": "0 4 * * *",
            "command": ["python3", "manage.py", "clearsessions"],
        },
        "cron.prune": {
            "schedule": "@daily",
            "command": [
                *("python3", "manage.py", "shell", "-c"),
                "from shop.cron import prune; prune(30, dry=False)",
            ],
        },
    }


def test_app_json_has_lines_of_a_shell():
    jobs = [
        {"command": "python tasks/send_all.py --now", "schedule": "0 3 * * *"},
        {"command": "flask report | tee /tmp/x", "schedule": "@weekly"},
        {"command": "flask report", "schedule": "soon"},
        {"schedule": "@daily"},
        "nonsense",
    ]
    said = settings(found({**FLASK, "app.json": json.dumps({"cron": jobs})}))
    assert [value for key, value in said.items() if key.startswith("cron.")] == [
        {"schedule": "0 3 * * *", "command": ["python", "tasks/send_all.py", "--now"]},
        {"schedule": "@weekly", "command": ["sh", "-c", "flask report | tee /tmp/x"]},
    ]


@pytest.mark.parametrize("text", ["[", "[]", '{"cron": 1}', '{"cron": [[]]}', "[" * 100_000])
def test_a_file_that_is_none_schedules_nothing(text):
    said = settings(found({**FLASK, "app.json": text}))
    assert not [key for key in said if key.startswith("cron.")]


def test_each_process_of_a_procfile_is_a_role_but_those_for_developing():
    lines = (
        "web: gunicorn app:app\nclock: python clock.py\nmailer: python mails.py\ncss: npm run x\n"
    )
    said = settings(found({**FLASK, "Procfile": lines}))
    assert said["roles.clock"] == {"command": ["python", "clock.py"], "single": True}
    assert said["roles.mailer"] == {"command": ["python", "mails.py"]}
    assert "roles.css" not in said
