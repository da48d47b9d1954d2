"""Finds jobs that an application's own files schedule: django-crontab's, and those of app.json."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

from webstack.cli.applications.findings import Found
from webstack.cli.applications.frameworks.django_project import DjangoProject
from webstack.cli.applications.tree import SourceTree

_MOST = 50
_SCHEDULE = re.compile(r"@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)|\S+(?: +\S+){4}")
_CALLABLE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_CALL_COMMAND = "django.core.management.call_command"
_MANAGE = ("python3", "manage.py")


def of_django(project: DjangoProject) -> Iterator[Found]:
    """Give the jobs of django-crontab: functions, and commands of manage.py."""
    said = project.value("CRONJOBS")
    for number, job in enumerate(said[:_MOST] if isinstance(said, list | tuple) else ()):
        command = _command(job) if isinstance(job, list | tuple) else None
        if command and _SCHEDULE.fullmatch(str(job[0])):
            entry = {"schedule": job[0], "command": command}
            yield Found(f"cron.{_name(job, number)}", entry, project.where("CRONJOBS"))


def of_app_json(tree: SourceTree) -> Iterator[Found]:
    """Give the jobs under ``cron`` in app.json, as Dokku and others read them."""
    try:
        said = json.loads(tree.text("app.json") or "{}")
    except (ValueError, RecursionError):
        return
    jobs = said.get("cron") if isinstance(said, dict) else None
    for number, job in enumerate(jobs[:_MOST] if isinstance(jobs, list) else ()):
        line, when = (str(job.get(key) or "") if isinstance(job, dict) else "" for key in _KEYS)
        if line and _SCHEDULE.fullmatch(when):
            name = _plain(line.rpartition("/")[2].split(" ")[-1].partition(".")[0], number)
            yield Found(f"cron.{name}", {"schedule": when, "command": _words(line)}, "app.json")


_KEYS = ("command", "schedule")


def _command(job: list[Any] | tuple[Any, ...]) -> list[str] | None:
    """Give the command of a job: ``(schedule, "path.to.function", [arguments], {named})``."""
    if len(job) < 2 or not isinstance(job[1], str) or not _CALLABLE.fullmatch(job[1]):
        return None
    rest = list(job[2:4])
    arguments = next((each for each in rest if isinstance(each, list | tuple)), [])
    named = next((each for each in rest if isinstance(each, dict)), {})
    if job[1] == _CALL_COMMAND and not named:
        return [*_MANAGE, *map(str, arguments)] if arguments else None
    module, _, function = job[1].rpartition(".")
    given = [*map(repr, arguments), *(f"{key}={value!r}" for key, value in named.items())]
    code = f"from {module} import {function}; {function}({', '.join(given)})"
    return [*_MANAGE, "shell", "-c", code]


def _name(job: list[Any] | tuple[Any, ...], number: int) -> str:
    arguments = next((each for each in job[2:3] if isinstance(each, list | tuple) and each), None)
    called = str(arguments[0]) if job[1] == _CALL_COMMAND and arguments else job[1]
    return _plain(called.rpartition(".")[2], number)


def _plain(text: str, number: int) -> str:
    """Give the name of a job, unlike those before it only where that is the text's own doing."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:20].strip("-")
    return plain if plain[:1].isalpha() else f"job-{number + 1}"


def _words(line: str) -> list[str]:
    if re.search(r"[$&|;<>`]", line):
        return ["sh", "-c", line]
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
