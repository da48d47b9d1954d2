"""Recognises a Django project: its settings, what serves it, its data, media and static files.

What the place decides where a project runs (hosts, secret, database, folders) is written into a
settings module of its own, which takes all else from the project's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from webstack.cli.applications.environment import (
    GIVEN,
    POSTGRES,
    SQLITE,
    addresses,
    needs,
    shared,
    unknown,
    wanted,
)
from webstack.cli.applications.findings import Found, Framework, Packages, Unsolved
from webstack.cli.applications.python_code import assigned, called, literal, parsed, variables
from webstack.cli.applications.tree import SourceTree

MODULE = "webstack_settings"
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)['\"]")
_PREFERRED = ("production", "prod", "deploy", "live")
_HEALTH = re.compile(r"path\(\s*r?['\"]((?:healthz?|health_?check|up|ping|livez|_?status)/?)['\"]")
_FRONT = ("", "^", "^$")
_ADMIN = "admin.site.urls"
_CELERY = re.compile(r"^\w+\s*=\s*(?:celery\.)?Celery\(", re.M)
_POSTGRES_ENGINES = ("postgresql", "postgresql_psycopg2", "postgis")
_DEEPEST = 6
_OF_NO_USE = "of-no-use"
_OF_BUILDS = ("HOME", "PATH")
"""What a build has of its own."""
_MANAGE = "python3 manage.py"


@dataclass(frozen=True)
class _Project:
    """One project: its root folder, its settings module, and what that assigns, by name.

    A value is its expression and where it stands.
    """

    tree: SourceTree
    root: str
    module: str
    values: dict[str, tuple[ast.expr, str]]
    read: tuple[str, ...]

    def value(self, name: str) -> Any:
        """Give a setting that is written out; None for others."""
        return literal(self.values[name][0]) if name in self.values else None

    def where(self, name: str) -> str:
        """Say where a setting stands; the module where it does not."""
        return self.values[name][1] if name in self.values else self.module

    def folder(self, name: str) -> str | None:
        """Give a setting that is a path in the project's folder, relative to it."""
        return _path(self.values[name][0]) if name in self.values else None


def recognise(tree: SourceTree, packages: Packages) -> Framework | None:
    """Give what a Django project is; None where there is none."""
    project = _project(tree)
    if project is None:
        return None
    server, app, where = _application(project, packages)
    needed = _needs(project, packages)
    served = any(POSTGRES in each.value for each in needed)
    data = {what: place for what, place in _kept(project) if not (served and what == "database")}
    found = [
        Found("app", app, where),
        *([Found("server", server, where)] if server else []),
        Found("static", "/srv/static", project.where("STATIC_ROOT")),
        Found("before_release", ["python3", "manage.py", "migrate", "--noinput"], "manage.py"),
        *([Found("data", "/data", "; ".join(data.values()))] if data else []),
        *_media(project),
        *needed,
        *(each for each in _environment(project) if not (served and each.value == SQLITE)),
        *addresses(project.tree, project.read, packages),
        *_health(project),
        *_roles(project, packages),
    ]
    return Framework(
        name="Django",
        settings=tuple(found),
        prepare=(f"{_MANAGE} collectstatic --noinput",),
        environment=dict(_build_environment(project)),
        links={},
        files={f"{project.root}{MODULE}.py": _own_settings(project)},
        unsolved=(
            *_unsolved(project, served=served),
            *shared(project.tree, project.read, packages),
        ),
    )


def root_of(tree: SourceTree) -> str | None:
    """Give the folder of the project, such as ``backend/``; None where there is none."""
    for path in tree.named("manage.py"):
        if _SETTINGS.search(tree.text(path)):
            return path.removesuffix("manage.py")
    return None


def _project(tree: SourceTree) -> _Project | None:
    root = root_of(tree)
    if root is None:
        return None
    said = _SETTINGS.search(tree.text(f"{root}manage.py"))
    module = _of_production(tree, root, said[1] if said else "")
    values: dict[str, tuple[ast.expr, str]] = {}
    read: list[str] = []
    _collect(tree, root, module, values, read)
    return _Project(tree, root, module, values, tuple(read)) if read else None


def _of_production(tree: SourceTree, root: str, module: str) -> str:
    """Give the settings module that is meant for production where there is one beside."""
    for place in (*tree.named("wsgi.py"), *tree.named("asgi.py")):
        if place.startswith(root) and (said := _SETTINGS.search(tree.text(place))):
            module = module if said[1] == module else said[1]
            break
    beside = (
        f"{place}.{name}" for place in (module, module.rpartition(".")[0]) for name in _PREFERRED
    )
    return next((each for each in beside if _file(tree, root, each)), module)


def _file(tree: SourceTree, root: str, module: str) -> str | None:
    path = f"{root}{module.replace('.', '/')}"
    return next((p for p in (f"{path}.py", f"{path}/__init__.py") if p in tree.texts), None)


def _collect(
    tree: SourceTree,
    root: str,
    module: str,
    values: dict[str, tuple[ast.expr, str]],
    read: list[str],
) -> None:
    """Note what a settings module assigns, after those that it takes all from."""
    path = _file(tree, root, module)
    code = parsed(tree, path) if path else None
    if code is None or path is None or path in read or len(read) >= _DEEPEST:
        return
    read.append(path)
    package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
    for node in ast.walk(code):
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]) if node.level else node.module or ""
            _collect(tree, root, base.strip("."), values, read)
    for name, value, line, always in assigned(code):
        if name.isupper() and (always or name not in values):
            values[name] = (value, f"{path}:{line}")


def _path(node: ast.AST) -> str | None:
    """Give the path that ``BASE_DIR / "media"`` or ``os.path.join(BASE_DIR, "media")`` names."""
    parts = _parts(node)
    if parts is None or not parts or parts[0] != "":
        return None
    path = PurePosixPath(*[part for part in parts[1:] if part])
    return None if path.is_absolute() or ".." in path.parts else path.as_posix()


def _parts(node: ast.AST) -> list[str] | None:
    """Give the parts of a path, an empty one for the project's own folder."""
    if isinstance(node, ast.Name):
        return [""] if re.search(r"(BASE|ROOT|PROJECT).*(DIR|PATH|ROOT)?$", node.id, re.I) else None
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
        return _joined([node.left, node.right])
    if isinstance(node, ast.Call) and called(node) in ("join", "str", "root", "joinpath", "path"):
        inner = [*node.args]
        if called(node) in ("root", "joinpath") and isinstance(node.func, ast.Attribute):
            inner = [node.func.value, *inner]
        return _joined(inner)
    return None


def _joined(nodes: list[ast.expr]) -> list[str] | None:
    parts: list[str] = []
    for node in nodes:
        found = _parts(node)
        if found is None:
            return None
        parts += found
    return parts


def _application(project: _Project, packages: Packages) -> tuple[str, str, str]:
    """Give the server that is needed, the application's name, and where that stands."""
    asynchronous = project.value("ASGI_APPLICATION")
    if isinstance(asynchronous, str) and ("channels" in packages or "daphne" in packages):
        named = ("uvicorn", "daphne", "hypercorn", "granian")
        server = next((each for each in named if each in packages), "uvicorn")
        return server, _dotted(asynchronous), project.where("ASGI_APPLICATION")
    said = project.value("WSGI_APPLICATION")
    if isinstance(said, str):
        return "", _dotted(said), project.where("WSGI_APPLICATION")
    beside = f"{project.module.partition('.')[0]}.wsgi"
    if found := _file(project.tree, project.root, beside):
        return "", f"{beside}:application", found
    others = [p for p in project.tree.named("wsgi.py") if p.startswith(project.root)]
    if others:
        module = others[0].removeprefix(project.root).removesuffix(".py").replace("/", ".")
        return "", f"{module}:application", others[0]
    return "", "django.core.wsgi:get_wsgi_application()", "no wsgi.py"


def _dotted(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    return f"{module}:{attribute}"


def _database(project: _Project) -> ast.AST | None:
    """Give what the default database is set to."""
    said = project.values.get("DATABASES", (None, ""))[0]
    if isinstance(said, ast.Dict):
        for key, value in zip(said.keys, said.values, strict=True):
            if literal(key) == "default":
                return value
    return said


def _engine(project: _Project) -> str:
    """Name the kind of database that is written out: sqlite3, postgresql, mysql, or nothing."""
    database = _database(project)
    if isinstance(database, ast.Dict):
        for key, value in zip(database.keys, database.values, strict=True):
            if literal(key) == "ENGINE" and isinstance(said := literal(value), str):
                return said.rpartition(".")[2]
    return ""


def _kept(project: _Project) -> Iterator[tuple[str, str]]:
    """Give what has to outlive releases, and where that is said."""
    if _engine(project) in ("sqlite3", ""):
        yield "database", project.where("DATABASES")
    if "MEDIA_ROOT" in project.values:
        yield "media", project.where("MEDIA_ROOT")


def _media(project: _Project) -> Iterator[Found]:
    """What users upload, at the address that the project names for it."""
    url = project.value("MEDIA_URL") or "/media/"
    if "MEDIA_ROOT" in project.values and "://" not in url and url.strip("/"):
        yield Found("media", {f"/{url.strip('/')}": "/data/media"}, project.where("MEDIA_ROOT"))


def _needs(project: _Project, packages: Packages) -> list[Found]:
    """PostgreSQL also where the settings write it out: those of the place name the stack's."""
    found = needs(project.tree, project.read, packages)
    if _engine(project) not in _POSTGRES_ENGINES or any(POSTGRES in each.value for each in found):
        return found
    others = [each for known in found for each in known.value]
    return [Found("needs", [POSTGRES, *others], project.where("DATABASES"))]


def _environment(project: _Project) -> Iterator[Found]:
    """The variables that the settings read; of secrets those alone that they cannot do without."""
    yield Found("environment.DJANGO_SETTINGS_MODULE", MODULE, f"{MODULE}.py")
    yield Found("secret_environment.SECRET_KEY", {}, project.where("SECRET_KEY"))
    for path in project.read:
        required = {each.name for each in variables(project.tree, path) if each.required}
        for each in wanted(project.tree, path):
            kind, _, name = each.key.partition(".")
            if kind == "environment" or name in required:
                yield each


def _build_environment(project: _Project) -> Iterator[tuple[str, str]]:
    """Give what the settings need when the image is built: for secrets a word that is none."""
    for each in _environment(project):
        name = each.key.partition(".")[2]
        yield name, each.value if isinstance(each.value, str) else _OF_NO_USE
    for path in project.read:
        for variable in variables(project.tree, path):
            if variable.required and variable.name not in _OF_BUILDS:
                yield variable.name, GIVEN.get(variable.name, _OF_NO_USE)


def _health(project: _Project) -> Iterator[Found]:
    """A page for it, else the front page, else the login page of the admin, else any answer."""
    said = project.value("ROOT_URLCONF")
    path = _file(project.tree, project.root, said) if isinstance(said, str) else None
    found = _HEALTH.search(project.tree.text(path)) if path else None
    code = parsed(project.tree, path) if path else None
    routes = dict(_routes(code)) if code else {"": ""}
    if path and found:
        yield Found("health", f"/{found[1]}", path)
    elif any(route in routes for route in _FRONT):
        yield Found("health", {"path": "/", "status": ["200-399"]}, "no page for it in urls.py")
    else:
        admin = next((route for route, view in routes.items() if view == _ADMIN), None)
        page = f"/{admin}login/" if admin else {"path": "/", "status": ["200-404"]}
        yield Found("health", page, f"{path}: no page at /")


def _routes(code: ast.Module) -> Iterator[tuple[str, str]]:
    """Give what a module of URLs routes, and to what, as it is written."""
    for node in ast.walk(code):
        if called(node) in ("path", "re_path", "url") and isinstance(node, ast.Call) and node.args:
            route = literal(node.args[0])
            if isinstance(route, str):
                yield route, ast.unparse(node.args[1]) if len(node.args) > 1 else ""


def _roles(project: _Project, packages: Packages) -> Iterator[Found]:
    """Celery's worker, and its scheduler where something is scheduled."""
    for path in project.tree.python():
        if not path.startswith(project.root) or not _CELERY.search(project.tree.text(path)):
            continue
        module = path.removeprefix(project.root).removesuffix(".py").removesuffix("/celery")
        command = ["celery", "-A", module.removesuffix("/__init__").replace("/", ".")]
        yield Found("roles.worker", {"command": [*command, "worker", "-l", "info"]}, path)
        if "beat_schedule" in project.tree.text(path) or "django-celery-beat" in packages:
            beat = {"command": [*command, "beat", "-l", "info"], "single": True}
            yield Found("roles.beat", beat, path)
        return


def _unsolved(project: _Project, *, served: bool) -> Iterator[Unsolved]:
    for path in project.read:
        yield from unknown(project.tree, path)
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE"):
        if project.value(name) is True:
            yield Unsolved(
                f"{name} asks for https, so browsers cannot use it by http", project.where(name)
            )
    engine = _engine(project)
    if engine and engine != "sqlite3" and not served:
        yield Unsolved(
            f"it keeps its data in {engine}, which the stack has to have",
            project.where("DATABASES"),
        )


def _own_settings(project: _Project) -> str:
    """Write the settings module of the place where the project runs."""
    taken = [name for name in ("DATABASES", "MEDIA_URL", "STATIC_URL") if name in project.values]
    lines = [
        f'"""What the place decides where this runs; all else is as in {project.module}."""',
        "",
        "import os",
        *(
            ["from urllib.parse import parse_qsl, urlsplit"]
            if _engine(project) in _POSTGRES_ENGINES
            else []
        ),
        "",
        'DEBUG_HERE = os.environ.get("DEBUG") == "1"',
        *(['os.environ["DEBUG"] = str(DEBUG_HERE)'] if _spells_debug(project) else []),
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
        *(['MEDIA_URL = MEDIA_URL.lstrip("/") or "media/"'] if "MEDIA_URL" in taken else []),
    ]
    if "DATABASES" in taken:
        lines += [
            'if DATABASES["default"]["ENGINE"].endswith("sqlite3"):',
            '    DATABASES["default"]["NAME"] = "/data/db.sqlite3"',
        ]
    if _engine(project) in _POSTGRES_ENGINES:
        lines += [
            'if "DATABASE_URL" in os.environ:',
            '    _url = urlsplit(os.environ["DATABASE_URL"])',
            '    _host = dict(parse_qsl(_url.query)).get("host", _url.hostname or "")',
            '    DATABASES["default"] |= {',
            '        **{"NAME": _url.path[1:], "USER": _url.username, "HOST": _host},',
            '        **{"PASSWORD": _url.password or "", "PORT": str(_url.port or "")},',
            "    }",
        ]
    lines += [
        "",
        "# nginx says how a browser came, whatever the browser says itself.",
        'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")',
    ]
    return "\n".join([*lines, ""])


def _spells_debug(project: _Project) -> bool:
    """Tell whether DEBUG is read as a word, True or False."""
    said = re.compile(r"['\"]DEBUG['\"][^\n]{0,60}['\"](True|False)['\"]")
    return any(said.search(project.tree.text(path)) for path in project.read)
