"""Writes the settings module of the place where a Django project runs.

What the place decides (hosts, secret, database, folders) stands there; it takes all else from the
project's own settings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from webstack.cli.applications import mail
from webstack.cli.applications.findings import Packages
from webstack.cli.applications.frameworks import django_storages
from webstack.cli.applications.frameworks.django_project import (
    POSTGRES_ENGINES,
    DjangoProject,
    engine,
)

MODULE = "webstack_settings"
_TAKEN = ("DATABASES", "HAYSTACK_CONNECTIONS", "MEDIA_URL", "STATIC_URL", "STORAGES")
_HEROKUS_WORD = (
    "# The project asks for the other word for the same.",
    '_database = os.environ.get("DATABASE_URL", "").partition("://")',
    'if _database[0] == "postgresql":',
    '    os.environ["DATABASE_URL"] = f"postgres://{_database[2]}"',
)
_OF_HTTPS = {
    "SECURE_SSL_REDIRECT": False,
    "SESSION_COOKIE_SECURE": False,
    "CSRF_COOKIE_SECURE": False,
    "LANGUAGE_COOKIE_SECURE": False,
    "SECURE_HSTS_SECONDS": 0,
}
_COOKIE_NAMES = {"SESSION_COOKIE_NAME": "sessionid", "CSRF_COOKIE_NAME": "csrftoken"}


def own_files(project: DjangoProject, packages: Packages) -> dict[str, str]:
    """Write the modules of the place, by their names beside manage.py."""
    storages = (
        {f"{django_storages.MODULE}.py": django_storages.TEXT}
        if django_storages.applies(project)
        else {}
    )
    return {f"{MODULE}.py": own_settings(project, packages), **storages}


def own_settings(project: DjangoProject, packages: Packages) -> str:
    """Write the settings module of the place where the project runs."""
    taken = [name for name in _TAKEN if name in project.values]
    lines = [
        f'"""What the place decides where this runs; all else is as in {project.module}."""',
        "",
        "import os",
        *(
            ["from urllib.parse import parse_qsl, urlsplit"]
            if engine(project) in POSTGRES_ENGINES
            else []
        ),
        "",
        'DEBUG_HERE = os.environ.get("DEBUG") == "1"',
        *(['os.environ["DEBUG"] = str(DEBUG_HERE)'] if _spells_debug(project) else []),
        *(_HEROKUS_WORD if _asks_for_herokus_word(project) else []),
        "",
        f"from {project.module} import *  # noqa: E402, F403",
        *([f"from {project.module} import {', '.join(taken)}  # noqa: E402"] if taken else []),
        "",
        "DEBUG = DEBUG_HERE",
        'ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")',
        'SECRET_KEY = os.environ["SECRET_KEY"]',
        "",
        'STATIC_ROOT = "/srv/static"',
        "# Without a slash in front it follows the path that the project is served under.",
        *(
            ['STATIC_URL = STATIC_URL.lstrip("/") or "static/"']
            if "STATIC_URL" in taken
            else ['STATIC_URL = "static/"']
        ),
        *(['MEDIA_ROOT = "/data/media"'] if "MEDIA_ROOT" in project.values else []),
        *_media_url(project),
    ]
    if django_storages.applies(project):
        lines += django_storages.lines(project)
    if "DATABASES" in taken:
        lines += [
            'if DATABASES["default"]["ENGINE"].endswith("sqlite3"):',
            '    DATABASES["default"]["NAME"] = "/data/db.sqlite3"',
        ]
    if engine(project) in POSTGRES_ENGINES:
        lines += [
            'if "DATABASE_URL" in os.environ:',
            '    _url = urlsplit(os.environ["DATABASE_URL"])',
            '    _host = dict(parse_qsl(_url.query)).get("host", _url.hostname or "")',
            '    DATABASES["default"] |= {',
            '        **{"NAME": _url.path[1:], "USER": _url.username, "HOST": _host},',
            '        **{"PASSWORD": _url.password or "", "PORT": str(_url.port or "")},',
            "    }",
        ]
    if "HAYSTACK_CONNECTIONS" in project.values and _indexes_files(project):
        lines += [
            "for _index in HAYSTACK_CONNECTIONS.values():",
            '    if "whoosh" in _index["ENGINE"]:',
            '        _index["PATH"] = "/data/search"',
        ]
    if mail.sends(project, packages) and not mail.is_told(project):
        lines += mail.FROM_ENVIRONMENT
    lines += [
        "",
        "# nginx says how a browser came, whatever the browser says itself.",
        'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")',
        *_without_https(project),
    ]
    return "\n".join([*lines, ""])


def _media_url(project: DjangoProject) -> Iterator[str]:
    if "MEDIA_URL" in project.values:
        yield 'MEDIA_URL = MEDIA_URL.lstrip("/") or "media/"'
    elif "MEDIA_ROOT" in project.values:
        yield 'MEDIA_URL = "media/"'


def _without_https(project: DjangoProject) -> Iterator[str]:
    """Write what settings ask of https off where the stack has none; no browser could log in."""
    off: dict[str, Any] = {n: value for n, value in _OF_HTTPS.items() if n in project.values}
    off |= {
        name: value
        for name, value in _COOKIE_NAMES.items()
        if str(project.value(name)).startswith(("__Secure-", "__Host-"))
    }
    if off:
        yield from (
            "",
            "# nginx redirects to https, and has browsers stay there, if the stack has it.",
            'if os.environ.get("HTTPS") != "1":',
        )
        yield from (f"    {name} = {value!r}" for name, value in off.items())


def _indexes_files(project: DjangoProject) -> bool:
    """Tell whether what can be searched is indexed in files, which its own folder cannot hold."""
    return "whoosh" in ast.unparse(project.values["HAYSTACK_CONNECTIONS"][0])


def _asks_for_herokus_word(project: DjangoProject) -> bool:
    """Tell whether the project knows PostgreSQL by an address that begins with postgres://."""
    said = re.compile(r"startswith\(\s{0,9}['\"]postgres://")
    return any(said.search(project.tree.text(path)) for path in project.read)


def _spells_debug(project: DjangoProject) -> bool:
    """Tell whether DEBUG is read as a word, True or False."""
    said = re.compile(r"['\"]DEBUG['\"][^\n]{0,60}['\"](True|False)['\"]")
    return any(said.search(project.tree.text(path)) for path in project.read)
