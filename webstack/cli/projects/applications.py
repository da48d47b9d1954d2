"""Makes a service of an existing Flask or Django application: its files, and its settings."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from webstack.cli.projects.tree import File, Tree, read_file
from webstack.cli.terminal.errors import OpsError
from webstack.contract import bounded_files

FLASK, DJANGO = "flask", "django"
KINDS = (FLASK, DJANGO)
_FACTORIES = ("create_app", "make_app")
_SKIPPED = {".git", ".hg", ".venv", "venv", "env", "__pycache__", "node_modules", ".tox"}
_LARGEST_SOURCE = 1 << 20
_LIKELY = ("app.py", "wsgi.py", "main.py", "application.py")
_GUNICORN = re.compile(rb"^gunicorn\b", re.MULTILINE | re.IGNORECASE)
_DOCKERFILE = """\
# Images to start from, made and named by the deployment: Python alone, and with what a build needs.
ARG PYTHON
ARG PYTHON_BUILD

FROM ${{PYTHON_BUILD}} AS build
# Dependencies first: as long as their list stays, so does the layer.
COPY requirements.txt /tmp/
ENV VIRTUAL_ENV=/opt/venv
RUN python3 -m venv --without-pip /opt/venv \\
 && pip install -r /tmp/requirements.txt \\
{gunicorn} && chmod -R a+rX,go-w /opt/venv

FROM ${{PYTHON}}
COPY --from=build /opt/venv /opt/venv
ARG UID=10001
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
USER ${{UID}}:${{UID}}
STOPSIGNAL SIGTERM
# Where it listens, and with how many workers and threads, stands in GUNICORN_CMD_ARGS.
CMD ["gunicorn", "{entry}"]
COPY --chown=${{UID}}:${{UID}} . .
"""
_IGNORED = """\
# What the image does not need, and what must not change its content hash.
.dockerignore
.git
.venv
Dockerfile*
tests
**/__pycache__
**/*.pyc
**/*.sqlite3*
"""
# It says that the process answers, whatever the application makes of a page that is not there.
_ANY_ANSWER = "      health: {path: /, status: [200-499]}\n"


@dataclass(frozen=True)
class Application:
    """Holds a service: its name, its files, and what gunicorn calls."""

    name: str
    entry: str
    tree: Tree
    health: str = _ANY_ANSWER

    def settings(self, path: str, replicas: int) -> str:
        """Give its lines of a settings file, served at a path."""
        several = f"      replicas: {replicas}\n" if replicas > 1 else ""
        source = f"      source: services/{self.name}\n      path: {path}\n"
        return f"    {self.name}:\n{source}{several}{self.health}"

    @property
    def files(self) -> Tree:
        """Give its files with the recipe of its image; one of its own is kept beside."""
        needed = _requirements(self.tree)
        extra = "" if _GUNICORN.search(needed.content) else " && pip install gunicorn \\\n"
        recipe = _DOCKERFILE.format(entry=self.entry, gunicorn=extra).encode()
        before = {"Dockerfile.before": own} if (own := self.tree.get("Dockerfile")) else {}
        ignored = {".dockerignore": File(_IGNORED.encode())}
        made = {"requirements.txt": needed, "Dockerfile": File(recipe)}
        return {**ignored, **self.tree, **before, **made}


def started(tree: Tree) -> Application:
    """Make the service that a project without an application begins with."""
    return Application("web", "app:app", tree, health="")


def adopted(kind: str, folder: Path) -> Application:
    """Make a service of an application's folder; raises OpsError where there is none of the kind.

    Its files are copied, without environments, repositories and caches.
    """
    if not folder.is_dir():
        raise OpsError(f"{folder} is no folder", f"name that of a {kind.title()} application")
    tree = dict(_files(folder))
    entry = next(_entries(kind, tree), None)
    if entry is None:
        sought = "manage.py and wsgi.py" if kind == DJANGO else "app = Flask(…) or create_app()"
        raise OpsError(
            f"{folder} holds no {kind.title()} application", f"it would have {sought} in it"
        )
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or kind
    answers = kind == FLASK and any(b"/healthz" in file.content for file in tree.values())
    made = Application(name if name[0].isalpha() else f"{kind}-{name}", entry, tree)
    return replace(made, health="") if answers else made


def _files(folder: Path) -> Iterator[tuple[str, File]]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = Path(at, name)
            try:
                file = read_file(path)
            except bounded_files.UnreadableError as error:
                raise OpsError(f"cannot copy {path}: {error}", "remove it first") from None
            if file:
                yield path.relative_to(folder).as_posix(), file


def _entries(kind: str, tree: Tree) -> Iterator[str]:
    if kind == DJANGO:
        if "manage.py" in tree:
            yield from (f"{_module(name)}:application" for name in tree if _is_wsgi(name))
        return
    modules = [name for name in tree if name.endswith(".py") and "tests" not in name.split("/")]
    for name in sorted(modules, key=lambda each: (each not in _LIKELY, each.count("/"), each)):
        for called in _flask_entries(tree[name].content):
            yield f"{_module(name)}:{called}"


def _is_wsgi(name: str) -> bool:
    return name.count("/") == 1 and name.endswith("/wsgi.py")


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _flask_entries(source: bytes) -> Iterator[str]:
    """Give what a module offers to gunicorn: an application, or a function that makes one."""
    if b"Flask(" not in source or len(source) > _LARGEST_SOURCE:
        return
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in statements:
        if isinstance(node, ast.Assign) and _makes_flask(node.value):
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.FunctionDef) and node.name in _FACTORIES:
            yield f"{node.name}()"


def _makes_flask(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name == "Flask"


def _requirements(tree: Tree) -> File:
    """Give the list of its packages; without one, the framework is taken to be all."""
    framework = DJANGO if "manage.py" in tree else FLASK
    return tree.get("requirements.txt") or File(f"{framework}\n".encode())
