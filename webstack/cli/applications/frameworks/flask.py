"""Recognises an application that one name stands for: Flask, FastAPI, Starlette, Quart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from webstack.cli.applications import mail
from webstack.cli.applications.environment import (
    POSTGRES,
    SQLITE,
    addresses,
    lacks_driver,
    needs,
    own_address,
    unknown,
    wanted,
)
from webstack.cli.applications.findings import Found, Framework, Packages, Unsolved
from webstack.cli.applications.frameworks.routes import routes
from webstack.cli.applications.python_code import (
    assigned,
    called,
    module_name,
    parsed,
    variables,
)
from webstack.cli.applications.tree import SourceTree

_FACTORIES = ("create_app", "make_app", "app_factory", "create_application", "get_app")
_NAMES = ("app", "application", "api", "server")
_ENTRIES = ("wsgi.py", "asgi.py", "serve.py", "run.py", "app.py", "main.py", "manage.py")
_KINDS = {"Flask": "", "FastAPI": "uvicorn", "Starlette": "uvicorn", "Quart": "hypercorn"}
"""What makes an application, and the server that it needs: gunicorn by default."""
_HEALTH = re.compile(r"/(?:healthz?|health_?check|up|ping|livez|_?status)/?")
_UPLOADS = re.compile(
    r"UPLOAD[^\n=]{0,40}=[^\n]{0,80}?"
    r"(?:join\(\s{0,20}\w{0,20}(?:dir|path|root)\w{0,20}\s{0,9},|\bBASE_?DIR\s{0,9}/)\s{0,20}"
    r"['\"]([\w-]{1,60})['\"]",
    re.I,
)
_DATABASE_FILE = re.compile(
    r"path\.join\(\s{0,20}\w{0,20}dir\w{0,20}\s{0,9},\s{0,20}"
    r"['\"]([\w.-]{1,60}\.(?:db|sqlite3?))['\"]",
    re.I,
)
_LOGS = re.compile(r"['\"](?:\./)?([\w-]{1,60})/[\w.-]{1,60}\.log['\"]")
_LOGS_BELOW = re.compile(
    r"DIR\s{0,9}/\s{0,9}['\"]([\w-]{1,60})['\"]\s{0,9}/\s{0,9}['\"][\w.-]{1,60}\.log"
)
_INIT = re.compile(
    r"@\w{1,40}\.(?:cli\.)?command\(\s{0,20}['\"](init-?_?db|initdb|create-?_?db)['\"]"
    r"((?:(?!def )[^\0]){0,600})"
)
_CHOICES = ("FLASK_CONFIG", "APP_CONFIG", "CONFIG_NAME", "FLASK_CONFIGURATION", "APP_ENV")
_PRODUCTION = re.compile(r"['\"]production['\"]\s{0,9}:")
_EMPTIES = re.compile(r"\bDROP\s{1,20}TABLE\b|\bdrop_all\(", re.I)
_MAKES = re.compile(r"\bFlask\(")
_MOST_MODULES = 800
_RELATIVE_SQLITE = re.compile(r"sqlite:///(?!/|:memory:)([\w./-]*)")


@dataclass(frozen=True)
class _Entry:
    """What a server is told to serve, of which kind it is, and where that stands."""

    app: str
    kind: str
    where: str
    path: str


def recognise(tree: SourceTree, packages: Packages, named: str = "") -> Framework | None:
    """Give what the application is; ``named`` is the entry that its own files name, if they do."""
    entry = _entry(tree, named)
    if entry is None:
        return None
    server = _KINDS[entry.kind]
    modules = tree.python()[:_MOST_MODULES]
    needed = needs(tree, modules, packages)
    served = any(POSTGRES in each.value for each in needed)
    database = {} if served else dict(_database(tree, modules))
    environment = [
        each
        for each in _environment(tree, modules, entry)
        if not (served and each.key == "environment.DATABASE_URL")
    ]
    keeps = bool(database) or any(each.value == SQLITE for each in environment)
    first = list(_first_data(tree, modules))
    found = [
        Found("app", entry.app, entry.where),
        *([Found("server", server, f"{entry.kind} is asynchronous")] if server else []),
        *_static(tree, entry, packages),
        *_migrations(tree, packages),
        *_kept(tree, modules, keeps=keeps),
        *_uploads(tree, modules),
        *_logs(tree, modules),
        *(each for each in first if isinstance(each, Found)),
        *needed,
        *environment,
        *addresses(tree, modules, packages),
        _health(tree, modules),
    ]
    return Framework(
        name=entry.kind,
        settings=tuple(found),
        links=database,
        installs=("psycopg2-binary",) if served and lacks_driver(packages) else (),
        unsolved=(
            *(each for each in first if isinstance(each, Unsolved)),
            *_unsolved(tree, modules),
            *mail.of_flask(tree, modules, packages),
        ),
    )


def _entry(tree: SourceTree, named: str) -> _Entry | None:
    found = list(_entries(tree))
    if named:
        module, _, attribute = named.partition(":")
        same = [each for each in found if each.app.partition(":")[0] == module]
        kind = (same or found or [_Entry("", "Flask", "", "")])[0].kind
        path = same[0].path if same else f"{module.replace('.', '/')}.py"
        name = f"{module}:{attribute or 'application'}"
        return _Entry(name, kind, "the command that its own files name", path)
    return min(found, key=_rank, default=None)


def _rank(entry: _Entry) -> tuple[bool, bool, int, int]:
    """Entry files come first, then objects before functions, then those of the outer folders."""
    name = PurePosixPath(entry.path).name
    order = _ENTRIES.index(name) if name in _ENTRIES else len(_ENTRIES)
    return (
        not (name in _ENTRIES and "/" not in entry.path),
        entry.app.endswith("()"),
        entry.path.count("/"),
        order,
    )


def _entries(tree: SourceTree) -> Iterator[_Entry]:
    factories: dict[str, str] = {}
    modules = [
        (path, code) for path in tree.python()[:_MOST_MODULES] if (code := parsed(tree, path))
    ]
    for path, code in modules:
        for node in code.body:
            if isinstance(node, ast.FunctionDef) and node.name in _FACTORIES:
                kind = _made_in(node)
                if kind:
                    factories[node.name] = kind
                    if _needs_nothing(node):
                        where = f"{path}:{node.lineno}"
                        yield _Entry(f"{module_name(path)}:{node.name}()", kind, where, path)
    for path, code in modules:
        for name, value, line, _ in assigned(code):
            kind = called(value) if called(value) in _KINDS else factories.get(called(value), "")
            entry = PurePosixPath(path).name in ("wsgi.py", "asgi.py")
            aside = "celery" in path or PurePosixPath(path).name == "env.py"
            if kind and (entry or name in _NAMES) and not aside:
                yield _Entry(f"{module_name(path)}:{name}", kind, f"{path}:{line}", path)


def _made_in(function: ast.FunctionDef) -> str:
    """Name the kind of application that a function makes."""
    return next((called(node) for node in ast.walk(function) if called(node) in _KINDS), "")


def _needs_nothing(function: ast.FunctionDef) -> bool:
    given = function.args
    return len(given.args) + len(given.posonlyargs) <= len(given.defaults) and all(
        given.kw_defaults
    )


def _static(tree: SourceTree, entry: _Entry, packages: Packages) -> Iterator[Found]:
    """Find the folder beside the application's code, unless something writes into it."""
    if "flask-assets" in packages or entry.kind != "Flask":
        return
    module = entry.app.partition(":")[0].replace(".", "/")
    beside = [PurePosixPath(entry.path).parent.as_posix(), module]
    makers = [path for path in tree.python()[:_MOST_MODULES] if _MAKES.search(tree.text(path))]
    folders = [*(PurePosixPath(path).parent.as_posix() for path in makers), *beside]
    for folder in dict.fromkeys(folders):
        static = "static" if folder == "." else f"{folder}/static"
        if tree.has_folder(static):
            yield Found("static", f"/app/{static}", f"{static}/")
            return


def _migrations(tree: SourceTree, packages: Packages) -> Iterator[Found]:
    if "flask-migrate" in packages and "migrations/env.py" in tree.names:
        yield Found("before_release", ["flask", "db", "upgrade"], "migrations/")
    elif "alembic.ini" in tree.names and "alembic" in packages:
        yield Found("before_release", ["alembic", "upgrade", "head"], "alembic.ini")


def _database(tree: SourceTree, modules: list[str]) -> Iterator[tuple[str, str]]:
    """Give links for databases that lie in the application's folder, which is read-only."""
    for path in modules:
        for name in _DATABASE_FILE.findall(tree.text(path)):
            yield name, f"/data/{name}"


def _kept(tree: SourceTree, modules: list[str], *, keeps: bool) -> Iterator[Found]:
    """Find Flask's own place for what an instance keeps: the folder `instance` beside the code."""
    if keeps:
        yield Found("data", "/data", "its database")
        return
    for path in modules:
        text = tree.text(path)
        names = "instance_path" in text or "instance_relative_config" in text
        if names or _RELATIVE_SQLITE.search(text):
            yield Found("data", "/app/instance", path)
            return


def _uploads(tree: SourceTree, modules: list[str]) -> Iterator[Found]:
    """Folders beside the code that users' files are written into."""
    for path in modules:
        if found := _UPLOADS.search(tree.text(path)):
            yield Found("volumes", {"uploads": f"/app/{found[1]}"}, path)
            return


def _logs(tree: SourceTree, modules: list[str]) -> Iterator[Found]:
    """Folders beside the code that logs are written into."""
    if not any("FileHandler(" in tree.text(path) for path in modules):
        return
    for path in modules:
        found = _LOGS.search(tree.text(path)) or _LOGS_BELOW.search(tree.text(path))
        if found:
            yield Found("writable", {f"/app/{found[1]}": 16}, path)
            return


def _environment(tree: SourceTree, modules: list[str], entry: _Entry) -> Iterator[Found]:
    if entry.kind == "Flask":
        yield Found("environment.FLASK_APP", entry.app, entry.where)
    seen = set()
    yield from _choice(tree, modules)
    for path in modules:
        for each in wanted(tree, path):
            if each.key not in seen:
                seen.add(each.key)
                yield each


def _choice(tree: SourceTree, modules: list[str]) -> Iterator[Found]:
    """Choose the configuration for production where a variable selects one and it exists."""
    named = any(_PRODUCTION.search(tree.text(path)) for path in modules)
    for path in modules if named else ():
        for each in variables(tree, path):
            if each.name in _CHOICES:
                yield Found(f"environment.{each.name}", "production", each.where)
                return


def _health(tree: SourceTree, modules: list[str]) -> Found:
    found = list(routes(tree, modules))
    for address, path in found:
        if _HEALTH.fullmatch(address):
            return Found("health", address, path)
    for address, path in found:
        if address == "/":
            return Found("health", {"path": "/", "status": ["200-399"]}, path)
    return Found("health", {"path": "/", "status": ["200-404"]}, "no page for it was found")


def _first_data(tree: SourceTree, modules: list[str]) -> Iterator[Found | Unsolved]:
    """Give the command that makes its first data: it runs once, unless it wants to be told more.

    A stack that was taken down and comes back runs it again, also on data that was kept: one
    that empties tables is left to the user.
    """
    for path in modules:
        if found := _INIT.search(tree.text(path)):
            words = ["flask", found[1]]
            if re.search(r"prompt=|required=True|argument\(", found[2]):
                line = f"init: [{', '.join(words)}, …]"
                yield Unsolved(f"`{' '.join(words)}` makes its data and asks; add {line}", path)
            elif any(_EMPTIES.search(text) for text in tree.texts.values()):
                yield Unsolved(
                    f"`{' '.join(words)}` makes its tables and empties those that are there; add "
                    f"init: [{', '.join(words)}] for the first `up`, and take it out after that",
                    path,
                )
            else:
                yield Found("init", words, path)
            return


def _unsolved(tree: SourceTree, modules: list[str]) -> Iterator[Unsolved]:
    for path in modules:
        yield from unknown(tree, path)
    yield from own_address(tree, modules)
