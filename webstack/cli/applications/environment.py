"""What an application's environment has to hold: the variables that its code reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from webstack.cli.applications.findings import Found, Packages, Unsolved
from webstack.cli.applications.python_code import variables
from webstack.cli.applications.tree import SourceTree

_SECRET = re.compile(r"(SECRET|_KEY$|^KEY$|SALT|TOKEN|PASSWORD)")
_OWN_SECRET = re.compile(
    r"((DJANGO|FLASK|APP|WTF_CSRF)_)?SECRET(_KEY)?|JWT_SECRET(_KEY)?|(SECURITY_PASSWORD_)?SALT"
)
"""What an application makes up for itself; other secrets are given to it by someone."""
_OWN_ADDRESS = re.compile(
    r"(?:DJANGO_|FLASK_)?(?:SITE_ROOT|(?:SITE|BASE|PUBLIC|EXTERNAL|ROOT|APP)_URL)"
)
_DATABASE = ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "DB_URL", "DATABASE_URI")
SQLITE = "sqlite:////data/app.sqlite3"
"""The database of an application that is told where it is, and nothing else."""
POSTGRES = "postgres"
_SUPPLIED = {POSTGRES: "DATABASE_URL", "valkey": "CACHE_URL", "valkey-broker": "BROKER_URL"}
"""The variables by which the stack says where what it runs is."""
_POSTGRES = ("psycopg2", "psycopg2-binary", "psycopg", "psycopg-binary")
_ORMS = ("sqlalchemy", "flask-sqlalchemy", "sqlmodel")
QUEUE = "redis+socket:///run/valkey-broker/valkey.sock"
"""Celery's words for the socket of valkey-broker; other clients have their own."""
_CELERYS_OWN = ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND")
"""Celery reads these itself, before what its configuration says."""
_QUEUES = (*_CELERYS_OWN, "CELERY_BROKER")
_REDIS = ("REDIS_URL", "REDIS_URI", "VALKEY_URL")
_APPENDED = re.compile(
    rf"({'|'.join(_REDIS)})\b['\"\])}}]{{0,4}}\s{{0,9}}(?:\+\s{{0,9}}f?['\"])?/[\d{{]"
)
"""Where code appends the number of a database: after a socket's path that would be a folder, as
the fragment of the address it is passed over.
"""
CACHE = "unix:///run/valkey/valkey.sock"
JOBS = "unix:///run/valkey-broker/valkey.sock"
_CLIENTS = ("redis", "django-redis", "channels-redis", "flask-caching", "valkey", "django-valkey")
_JOB_CLIENTS = ("rq", "django-rq", "flask-rq2", "huey", "dramatiq")
GIVEN = {
    **{"ALLOWED_HOSTS": "localhost", "DEBUG": "0", "ENVIRONMENT": "production", "PORT": "8000"},
    **{"HOME": "/nonexistent", "PATH": "/usr/bin"},
}
"""What every container has, with values that do for a build."""


def wanted(tree: SourceTree, path: str) -> Iterator[Found]:
    """Give the settings for the variables that a module reads and that can be known."""
    for each in variables(tree, path):
        if each.name in GIVEN:
            continue
        if _OWN_SECRET.fullmatch(each.name):
            yield Found(f"secret_environment.{each.name}", {}, each.where)
        elif each.name in _DATABASE:
            yield Found(f"environment.{each.name}", SQLITE, each.where)


def needs(tree: SourceTree, paths: Sequence[str], packages: Packages) -> list[Found]:
    """Give what the stack runs for the application: it reads where that is, and speaks to it."""
    read = _read(tree, paths)
    speaks = any(client in packages for client in _POSTGRES)
    found = {
        need: read[variable]
        for need, variable in _SUPPLIED.items()
        if variable in read and (speaks or need != POSTGRES)
    }
    for variable, (need, _) in _addresses(read, packages).items():
        found.setdefault(need, read[variable])
    return [Found("needs", list(found), "; ".join(found.values()))] if found else []


def addresses(tree: SourceTree, paths: Sequence[str], packages: Packages) -> Iterator[Found]:
    """Give the address of what the stack runs by the names that the application reads it by."""
    read = _read(tree, paths)
    found = _addresses(read, packages)
    appended = {name for path in paths for name in _APPENDED.findall(tree.text(path))}
    for variable, (_, address) in found.items():
        ended = f"{address}#" if variable in appended else address
        yield Found(f"environment.{variable}", ended, read[variable])
        if variable in _REDIS and "celery" in packages:
            for own in _CELERYS_OWN:
                yield Found(f"environment.{own}", QUEUE, "Celery itself reads it")
        if variable in _REDIS and "rq" in packages:
            yield Found("environment.RQ_REDIS_URL", address, "rq's own command reads it")


def lacks_driver(packages: Packages) -> bool:
    """Tell whether SQLAlchemy finds no driver for postgresql://, by which it means psycopg2."""
    others = any(each in packages for each in ("psycopg2", "psycopg2-binary"))
    return "psycopg" in packages and not others and any(each in packages for each in _ORMS)


def _read(tree: SourceTree, paths: Sequence[str]) -> dict[str, str]:
    """Give the variables that modules read, and where."""
    read: dict[str, str] = {}
    for path in paths:
        for each in variables(tree, path):
            read.setdefault(each.name, each.where)
    return read


def _addresses(read: Mapping[str, str], packages: Packages) -> dict[str, tuple[str, str]]:
    """Give what a variable for Redis stands for, and its address in its client's words.

    One that Celery shares with other clients has their words: Celery has variables of its own.
    """
    found = {}
    if "celery" in packages:
        found = {name: ("valkey-broker", QUEUE) for name in _QUEUES if name in read}
    if any(client in packages for client in _JOB_CLIENTS) or ("celery" in packages and not found):
        found |= {name: ("valkey-broker", JOBS) for name in _REDIS if name in read}
    elif any(client in packages for client in _CLIENTS):
        found |= {name: ("valkey", CACHE) for name in _REDIS if name in read}
    return found


def unknown(tree: SourceTree, path: str) -> Iterator[Unsolved]:
    """Give the variables that a module cannot do without, and that its files do not tell."""
    for each in variables(tree, path):
        named = _OWN_SECRET.fullmatch(each.name) or _OWN_ADDRESS.fullmatch(each.name)
        known = each.name in GIVEN or each.name in _DATABASE or named
        if each.required and not known:
            line = (
                f"secret_environment: {{{each.name}: {{setting: {each.name.lower()}}}}}"
                if _SECRET.search(each.name)
                else f"environment: {{{each.name}: …}}"
            )
            yield Unsolved(f"it needs the variable {each.name}; add {line}", each.where, each.name)


def own_address(tree: SourceTree, paths: Sequence[str]) -> Iterator[Unsolved]:
    """Say which variable tells an application its own address; only the route decides that."""
    for name, where in _read(tree, paths).items():
        if _OWN_ADDRESS.fullmatch(name):
            words = (
                f"it reads its own address; add environment: {{{name}: https://…}}, as users see it"
            )
            yield Unsolved(words, where, name)


def is_secret(name: str) -> bool:
    """Tell whether a variable of this name holds what nobody may see."""
    return _SECRET.search(name) is not None
