"""Says what an application is and what its service needs: files in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from webstack.cli.applications import commands, dockerfile, recipe, schedules
from webstack.cli.applications.dependencies.packages import LookUp, judged, misfits, packages_of
from webstack.cli.applications.environment import SQLITE, addresses
from webstack.cli.applications.environment import needs as environment_needs
from webstack.cli.applications.findings import (
    Application,
    Found,
    Framework,
    Packages,
    Unsolved,
)
from webstack.cli.applications.frameworks import django, flask, site
from webstack.cli.applications.frameworks.django_project import root_of
from webstack.cli.applications.frameworks.django_settings import MODULE
from webstack.cli.applications.tree import SourceTree
from webstack.cli.terminal.errors import OpsError

_MEBIBYTES = {
    **dict.fromkeys(("wagtail", "django-cms", "mezzanine", "saleor"), 1024),
    **dict.fromkeys(("django-oscar", "argon2-cffi"), 512),  # argon2 takes 100 for each password
    **dict.fromkeys(("numpy", "pandas", "scipy", "scikit-learn", "opencv-python-headless"), 512),
    **dict.fromkeys(("torch", "tensorflow", "transformers"), 2048),
}
"""What a service needs with packages that are known to be large, where the default would not do."""
_CLIENTS = {
    "psycopg2": "PostgreSQL",
    "psycopg2-binary": "PostgreSQL",
    "psycopg": "PostgreSQL",
    "asyncpg": "PostgreSQL",
    "mysqlclient": "MySQL",
    "pymysql": "MySQL",
    "redis": "Redis",
    "django-redis": "Redis",
    "channels-redis": "Redis",
    "rq": "Redis",
    "django-rq": "Redis",
    "celery": "a broker such as Redis",
    "pymongo": "MongoDB",
    "elasticsearch": "Elasticsearch",
    "python-memcached": "memcached",
    "pylibmc": "memcached",
}
"""What packages talk to. A package may be there for one of several choices: it is only told."""


def _nothing(names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Know nothing of any package's files."""
    return dict.fromkeys(names, ())


def recognise(
    tree: SourceTree, *, on_base: bool = False, look_up: LookUp = _nothing
) -> Application:
    """Say what was found; raises OpsError where nothing can be started.

    ``look_up`` gives the files that a package index has, where a Dockerfile is written. With
    ``on_base`` one is written on the stack's base images beside one that is there.
    """
    root = root_of(tree) or ""
    packages = packages_of(tree, root)
    if packages.manager == "none" and root:
        packages = packages_of(tree)
    source, services = commands.compose_file(tree)
    build = [*commands.compose_build(services, source)]
    place = next((str(each.value) for each in build if each.key == "dockerfile"), "Dockerfile")
    own = None if recipe.is_ours(tree.text(place)) else dockerfile.read(tree, place)
    lines = commands.procfile(tree, root) or commands.procfile(tree)
    framework = (
        django.recognise(tree, packages)
        or flask.recognise(tree, packages, _named(lines, own))
        or (site.recognise(tree) if on_base or not own else None)
    )
    if own and not (on_base and framework):
        return _with_dockerfile(tree, own, framework, packages, build)
    if framework is None:
        raise OpsError(
            "no Flask or Django application, Dockerfile, Procfile or index.html was found",
            "name the folder that has it, or write a Dockerfile there",
        )
    made = _with_recipe(tree, framework, judged(packages, look_up), root, lines)
    return _beside(made) if own else made


def _named(lines: Mapping[str, str], own: dockerfile.Dockerfile | None) -> str:
    """Name what the application's own files have served: its Procfile, or else its Dockerfile."""
    said = commands.served(lines.get("web", ""))
    if said:
        return said.app
    return dockerfile.serves(own) if own else ""


def _beside(made: Application) -> Application:
    """Give the Dockerfile that is written a name of its own."""
    files = {_BESIDE if name == "Dockerfile" else name: text for name, text in made.files.items()}
    named = Found("dockerfile", _BESIDE, "the one that is there is left as it is")
    return replace(made, files=files, settings=(named, *made.settings))


_BESIDE = "Dockerfile.webstack"


def _with_recipe(
    tree: SourceTree,
    framework: Framework,
    packages: Packages,
    root: str,
    lines: Mapping[str, str],
) -> Application:
    """Give an application for which a Dockerfile is written."""
    source, services = commands.compose_file(tree)
    found = _first(
        [
            *framework.settings,
            *commands.procfile_roles(lines, "Procfile"),
            *schedules.of_app_json(tree),
            *commands.compose_roles(services, source),
            *_memory(packages),
        ]
    )
    server = next((each.value for each in found if each.key == "server"), "gunicorn")
    npm = packages.manager == "project" and recipe.runs_npm(tree, packages)
    assets = "" if npm else recipe.assets_of(tree, root)
    made = recipe.Recipe(packages, framework, root, server, assets, npm)
    files = {"Dockerfile": recipe.dockerfile(made), **framework.files}
    if ".dockerignore" not in tree.names:
        files[".dockerignore"] = recipe.dockerignore()
    needed = _needed(found)
    unsolved = (
        *framework.unsolved,
        *misfits(packages),
        *recipe.unbuilt(tree, root),
        *_needs(packages, services, source, needed),
    )
    return Application(framework.name, tuple(found), files, unsolved)


def _with_dockerfile(
    tree: SourceTree,
    own: dockerfile.Dockerfile,
    framework: Framework | None,
    packages: Packages,
    build: Sequence[Found],
) -> Application:
    """Give an application that has its own: what is in the image stays as it is."""
    source, services = commands.compose_file(tree)
    command, command_source = _composed_command(services, source) if not own.command else ("", "")
    kept = [
        each
        for each in (framework.settings if framework else ())
        if each.key in _OF_ANY_IMAGE or each.key.startswith("cron.")
    ]
    environment = [
        each
        for each in (framework.settings if framework else ())
        if each.key.startswith(("secret_environment.", "environment."))
        and MODULE not in str(each.value)
        and each.value != SQLITE
    ]
    found = _first(
        [
            *build,
            *([Found("command", command.split(), command_source)] if command else []),
            *dockerfile.settings_of(tree, own),
            *kept,
            *environment_needs(tree, tree.python(), packages),
            *environment,
            *addresses(tree, tree.python(), packages),
            *commands.compose_roles(services, source),
            *schedules.of_app_json(tree),
            *_memory(packages),
            *([] if framework else [_ANY_PAGE]),
        ]
    )
    needed = _needed(found)
    given: Mapping[str, str] = next((each.value for each in build if each.key == "build_args"), {})
    unsolved = (
        *(() if command else dockerfile.unsolved_of(own)),
        *dockerfile.arguments_of(own, given),
        *(
            _database(each)
            for each in (framework.settings if framework else ())
            if each.value == SQLITE
        ),
        *_needs(packages, services, source, needed),
    )
    name = framework.name if framework else "its own image"
    return Application(name, tuple(found), {}, unsolved)


def _memory(packages: Packages) -> Iterator[Found]:
    """Give the memory that the largest of its packages needs; nothing where the default will do."""
    known = [name for name in packages.names if name in _MEBIBYTES]
    if known:
        largest = max(known, key=lambda name: _MEBIBYTES[name])
        yield Found("memory", _MEBIBYTES[largest], f"{packages.source}: {largest}")


def _database(found: Found) -> Unsolved:
    """Say what an image of its own needs for a database: a folder that its user may write to."""
    name = found.key.partition(".")[2]
    return Unsolved(
        f"it reads {name}; add environment: {{{name}: address}}, or data: /data and an image that "
        "has that folder for its user (install -d -o ${UID} /data)",
        found.source,
    )


def _needed(found: Iterable[Found]) -> list[str]:
    return [str(name) for each in found if each.key == "needs" for name in each.value]


_OF_ANY_IMAGE = ("health", "before_release")
_ANY_PAGE = Found("health", {"path": "/", "status": ["200-404"]}, "no page for it was found")


def _composed_command(services: Mapping[str, Any], source: str) -> tuple[str, str]:
    """Give the command of the service of a Compose file that publishes a port."""
    for service in services.values():
        line = commands.command_of(service)
        if line and service.get("ports") and "build" in service:
            return line, source
    return "", ""


def _first(found: Iterable[Found]) -> list[Found]:
    """Keep the first of each key."""
    kept: dict[str, Found] = {}
    for each in found:
        kept.setdefault(each.key, each)
    return list(kept.values())


def _needs(
    packages: Packages, services: Mapping[str, Any], source: str, needed: Iterable[str]
) -> Iterator[Unsolved]:
    """Name what an application may need beside itself: it says so by packages or Compose file."""
    told = dict.fromkeys(commands.compose_needs(services), source)
    for name, need in _CLIENTS.items():
        if name in packages:
            told.setdefault(need, f"{packages.source}: {name}")
    there = {_RUN[need][0] for need in needed}
    there |= {"Redis"} if _RUN["valkey-broker"][0] in there else set()
    for need, where in sorted(told.items()):
        if need not in there:
            yield Unsolved(f"it may want {need}; {_WAYS.get(need, _ELSEWHERE)}", where)


_RUN = {
    "postgres": ("PostgreSQL", "DATABASE_URL"),
    "valkey": ("Redis", "CACHE_URL"),
    "valkey-broker": ("a broker such as Redis", "BROKER_URL"),
}
"""What the stack runs where a service says so: what that is, and the variable with its place."""
_WAYS = {
    what: f"needs: [{need}] runs it, and says in {variable} where"
    for need, (what, variable) in _RUN.items()
}
_ELSEWHERE = "the stack has none, so name the address of another in environment"
