"""Recognises a Django project: its settings, what serves it, its data, media and static files.

What the place decides where a project runs (hosts, secret, database, folders) is written into a
settings module of its own, which takes all else from the project's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from webstack.cli.applications import mail, schedules
from webstack.cli.applications.environment import (
    GIVEN,
    POSTGRES,
    SQLITE,
    addresses,
    needs,
    own_address,
    unknown,
    wanted,
)
from webstack.cli.applications.findings import Found, Framework, Packages, Unsolved
from webstack.cli.applications.frameworks.django_project import (
    POSTGRES_ENGINES,
    DjangoProject,
    engine,
    file_of,
    project_of,
)
from webstack.cli.applications.frameworks.django_settings import MODULE, own_files
from webstack.cli.applications.python_code import called, literal, parsed, variables
from webstack.cli.applications.tree import SourceTree

_HEALTH = re.compile(r"path\(\s*r?['\"]((?:healthz?|health_?check|up|ping|livez|_?status)/?)['\"]")
_FRONT = ("", "^", "^$")
_ADMIN = "admin.site.urls"
_COMMAND = re.compile(r"/management/commands/\w+\.py$")
_FIRST_DATA = re.compile(
    r"(load|create|init|make|import|seed|populate|setup)_?(initial|first|sample|demo|example|test)?"
    r"_?(data|db|database|content|fixtures)|seed|populate",
)
_CELERY = re.compile(r"^\w+\s*=\s*(?:celery\.)?Celery\(", re.M)
_OF_NO_USE = "of-no-use"
_ASGI_SERVERS = ("uvicorn", "daphne", "hypercorn", "granian")
_OF_BUILDS = ("HOME", "PATH")
"""What a build has of its own."""
_MANAGE = "python3 manage.py"


def recognise(tree: SourceTree, packages: Packages) -> Framework | None:
    """Give what a Django project is; None where there is none."""
    project = project_of(tree)
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
        *schedules.of_django(project),
    ]
    return Framework(
        name="Django",
        settings=tuple(found),
        prepare=(f"{_MANAGE} collectstatic --noinput",),
        environment=dict(_build_environment(project)),
        links={},
        files={
            f"{project.root}{name}": text for name, text in own_files(project, packages).items()
        },
        unsolved=tuple(_unsolved(project, packages, served=served)),
    )


def _application(project: DjangoProject, packages: Packages) -> tuple[str, str, str]:
    """Give the server that is needed, the application's name, and where that stands."""
    asynchronous = project.value("ASGI_APPLICATION")
    if isinstance(asynchronous, str) and ("channels" in packages or "daphne" in packages):
        return _asgi_server(packages), _dotted(asynchronous), project.where("ASGI_APPLICATION")
    if serves_both := _asynchronous(project, packages):
        return serves_both
    said = project.value("WSGI_APPLICATION")
    if isinstance(said, str):
        return "", _dotted(said), project.where("WSGI_APPLICATION")
    beside = f"{project.module.partition('.')[0]}.wsgi"
    if found := file_of(project.tree, project.root, beside):
        return "", f"{beside}:application", found
    others = [p for p in project.tree.named("wsgi.py") if p.startswith(project.root)]
    if others:
        module = others[0].removeprefix(project.root).removesuffix(".py").replace("/", ".")
        return "", f"{module}:application", others[0]
    return "", "django.core.wsgi:get_wsgi_application()", "no wsgi.py"


def _asynchronous(project: DjangoProject, packages: Packages) -> tuple[str, str, str] | None:
    """Give what asgi.py serves, where it takes websockets or an ASGI server is installed for it."""
    beside = f"{project.module.partition('.')[0]}.asgi"
    path = file_of(project.tree, project.root, beside)
    wanted = any(each in packages for each in _ASGI_SERVERS)
    if path and (wanted or "websocket" in project.tree.text(path).lower()):
        return _asgi_server(packages), f"{beside}:application", path
    return None


def _asgi_server(packages: Packages) -> str:
    return next((each for each in _ASGI_SERVERS if each in packages), "uvicorn")


def _dotted(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    return f"{module}:{attribute}"


def _kept(project: DjangoProject) -> Iterator[tuple[str, str]]:
    """Give what has to outlive releases, and where that is said."""
    if engine(project) in ("sqlite3", ""):
        yield "database", project.where("DATABASES")
    if "MEDIA_ROOT" in project.values:
        yield "media", project.where("MEDIA_ROOT")


def _media(project: DjangoProject) -> Iterator[Found]:
    """Find what users upload, and the address that the project names for it."""
    url = project.value("MEDIA_URL") or "/media/"
    if "MEDIA_ROOT" in project.values and "://" not in url and url.strip("/"):
        yield Found("media", {f"/{url.strip('/')}": "/data/media"}, project.where("MEDIA_ROOT"))


def _needs(project: DjangoProject, packages: Packages) -> list[Found]:
    """Add PostgreSQL where the settings write it out: those of the place name the stack's."""
    found = needs(project.tree, project.read, packages)
    if engine(project) not in POSTGRES_ENGINES or any(POSTGRES in each.value for each in found):
        return found
    others = [each for known in found for each in known.value]
    return [Found("needs", [POSTGRES, *others], project.where("DATABASES"))]


def _environment(project: DjangoProject) -> Iterator[Found]:
    """Give the variables that the settings read; of secrets only those that have to be set."""
    yield Found("environment.DJANGO_SETTINGS_MODULE", MODULE, f"{MODULE}.py")
    yield Found("secret_environment.SECRET_KEY", {}, project.where("SECRET_KEY"))
    for path in project.read:
        required = {each.name for each in variables(project.tree, path) if each.required}
        for each in wanted(project.tree, path):
            kind, _, name = each.key.partition(".")
            if kind == "environment" or name in required:
                yield each


def _build_environment(project: DjangoProject) -> Iterator[tuple[str, str]]:
    """Give what the settings need when the image is built: for secrets a word that is none."""
    for each in _environment(project):
        name = each.key.partition(".")[2]
        yield name, each.value if isinstance(each.value, str) else _OF_NO_USE
    for path in project.read:
        for variable in variables(project.tree, path):
            if variable.required and variable.name not in _OF_BUILDS:
                yield variable.name, GIVEN.get(variable.name, _OF_NO_USE)


def _health(project: DjangoProject) -> Iterator[Found]:
    """Choose the page for health: one made for it, the front page, the admin's login, or any."""
    said = project.value("ROOT_URLCONF")
    path = file_of(project.tree, project.root, said) if isinstance(said, str) else None
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


def _roles(project: DjangoProject, packages: Packages) -> Iterator[Found]:
    """Find Celery's worker, and its scheduler where something is scheduled."""
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


def _unsolved(project: DjangoProject, packages: Packages, *, served: bool) -> Iterator[Unsolved]:
    for path in project.read:
        yield from unknown(project.tree, path)
    yield from own_address(project.tree, project.read)
    yield from mail.of_django(project, packages)
    kept_in = engine(project)
    if kept_in and kept_in != "sqlite3" and not served:
        yield Unsolved(
            f"it keeps its data in {kept_in}, which the stack has to have",
            project.where("DATABASES"),
        )
    yield from _first_data(project.tree, project.root)


def _first_data(tree: SourceTree, root: str) -> Iterator[Unsolved]:
    """Name commands that make first data; only the owner knows whether that is meant."""
    for path in sorted(tree.names):
        name = PurePosixPath(path).stem
        if path.startswith(root) and _COMMAND.search(path) and _FIRST_DATA.fullmatch(name):
            words = ", ".join([*_MANAGE.split(), name])
            yield Unsolved(f"`manage.py {name}` may make its first data; add init: [{words}]", path)
