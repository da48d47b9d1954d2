"""What an application's environment has to hold: the variables that its code reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from webstack.cli.applications.findings import Found, Packages, Unsolved
from webstack.cli.applications.python_code import variables
from webstack.cli.applications.tree import SourceTree

_SECRET = re.compile(r"(SECRET|_KEY$|^KEY$|SALT|TOKEN|PASSWORD)")
_OWN_SECRET = re.compile(
    r"((DJANGO|FLASK|APP|WTF_CSRF)_)?SECRET(_KEY)?|JWT_SECRET(_KEY)?|(SECURITY_PASSWORD_)?SALT"
)
"""What an application makes up for itself; other secrets are given to it by someone."""
_DATABASE = ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "DB_URL", "DATABASE_URI")
SQLITE = "sqlite:////data/app.sqlite3"
"""The database of an application that is told where it is, and nothing else."""
POSTGRES = "postgres"
_SUPPLIED = {POSTGRES: "DATABASE_URL", "valkey": "CACHE_URL", "valkey-broker": "BROKER_URL"}
"""The variables by which the stack says where what it runs is."""
_POSTGRES = ("psycopg2", "psycopg2-binary", "psycopg", "psycopg-binary")
_GIVEN = {"ALLOWED_HOSTS", "DEBUG", "PORT", "HOME", "PATH", "ENVIRONMENT"}
"""What every container has."""


def wanted(tree: SourceTree, path: str) -> Iterator[Found]:
    """Give the settings for the variables that a module reads and that can be known."""
    for each in variables(tree, path):
        if each.name in _GIVEN:
            continue
        if _OWN_SECRET.fullmatch(each.name):
            yield Found(f"secret_environment.{each.name}", {}, each.where)
        elif each.name in _DATABASE:
            yield Found(f"environment.{each.name}", SQLITE, each.where)


def needs(tree: SourceTree, paths: Sequence[str], packages: Packages) -> list[Found]:
    """Give what the stack runs for the application: it reads where that is, and speaks to it."""
    read: dict[str, str] = {}
    for path in paths:
        for each in variables(tree, path):
            read.setdefault(each.name, each.where)
    speaks = any(client in packages for client in _POSTGRES)
    found = {
        need: read[variable]
        for need, variable in _SUPPLIED.items()
        if variable in read and (speaks or need != POSTGRES)
    }
    return [Found("needs", list(found), "; ".join(found.values()))] if found else []


def unknown(tree: SourceTree, path: str) -> Iterator[Unsolved]:
    """Give the variables that a module cannot do without, and that its files do not tell."""
    for each in variables(tree, path):
        known = each.name in _GIVEN or each.name in _DATABASE or _OWN_SECRET.fullmatch(each.name)
        if each.required and not known:
            line = (
                f"secret_environment: {{{each.name}: {{setting: {each.name.lower()}}}}}"
                if _SECRET.search(each.name)
                else f"environment: {{{each.name}: …}}"
            )
            yield Unsolved(f"it needs the variable {each.name}; add {line}", each.where, each.name)


def is_secret(name: str) -> bool:
    """Tell whether a variable of this name holds what nobody may see."""
    return _SECRET.search(name) is not None
