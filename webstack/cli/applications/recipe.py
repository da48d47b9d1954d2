"""Writes the Dockerfile of an application that has none: on the stack's own base images."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webstack.cli.applications.dependencies.packages import GUNICORN
from webstack.cli.applications.dependencies.pins import PYTHON, Later, number
from webstack.cli.applications.findings import Framework, Packages, Unsolved
from webstack.cli.applications.tree import SourceTree

VENV = "/opt/venv"
_WRITTEN = "# Written by `webstack add`. Both images are the stack's own; PYTHON has Python 3.13."
_BUILT = {
    "psycopg2": ("gcc python3-dev libpq-dev", "libpq5"),
    "psycopg": ("", "libpq5"),
    "psycopg-c": ("gcc python3-dev libpq-dev", "libpq5"),
    "mysqlclient": ("gcc python3-dev libmariadb-dev pkgconf", "libmariadb3"),
    "pycurl": ("gcc python3-dev libcurl4-openssl-dev libssl-dev", "libcurl4t64"),
    "python-magic": ("", "libmagic1t64"),
    "weasyprint": ("", "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"),
    "uwsgi": ("gcc python3-dev", ""),
    "python-ldap": ("gcc python3-dev libldap-dev libsasl2-dev", "libldap2"),
    "pycairo": ("gcc python3-dev libcairo2-dev pkgconf", "libcairo2"),
    "xmlsec": ("gcc python3-dev libxmlsec1-dev pkgconf", "libxmlsec1t64-openssl"),
}
"""Debian packages that a package is built with, and those that it runs with."""
_AUTHORITIES = "NODE_EXTRA_CA_CERTS=/etc/ssl/build-certificates.pem"
"""Node knows authorities of its own alone; images for builds have those of the machine as well."""
_NPM = re.compile(r"['\"]npm\b")
_ASSETS = ("{root}", "", "frontend/", "assets/")
"""Where package.json may lie, that of the project's root first."""
_IGNORED = (
    *(".git", ".venv", "venv", "node_modules", "**/__pycache__", "*.pyc", ".env"),
    *("*.sqlite3", "*.db", "Dockerfile", ".dockerignore"),
)


@dataclass(frozen=True)
class Recipe:
    """What an image is made of: the application's folder below the context, and its packages.

    ``assets`` is the folder that npm builds; with ``npm`` it runs when the packages are installed.
    """

    packages: Packages
    framework: Framework
    root: str = ""
    server: str = "gunicorn"
    assets: str = ""
    npm: bool = False


def assets_of(tree: SourceTree, root: str) -> str:
    """Give the folder whose package.json builds what browsers load; nothing where none does."""
    found = (folder for folder in _ASSETS if "build" in _scripts(tree, root, folder))
    return next((folder.format(root=root) or "./" for folder in found), "")


def runs_npm(tree: SourceTree, packages: Packages) -> bool:
    """Tell whether a project's setup.py has npm build what browsers load."""
    beside = packages.source.rpartition("/")[0]
    return bool(_NPM.search(tree.text(f"{beside}/setup.py".lstrip("/"))))


def unbuilt(tree: SourceTree, root: str) -> Iterator[Unsolved]:
    """Say that nobody knows how a package.json without a usual script is built."""
    if assets_of(tree, root):
        return
    for folder in _ASSETS:
        path = f"{folder.format(root=root)}package.json"
        if path in tree.names and _package(tree, path).get("dependencies"):
            yield Unsolved(
                "it has no script build, so what browsers load of it is not built; add one to it, "
                "or take the Dockerfile that builds it",
                path,
            )
            return


def _scripts(tree: SourceTree, root: str, folder: str) -> Mapping[str, Any]:
    scripts = _package(tree, f"{folder.format(root=root)}package.json").get("scripts")
    return scripts if isinstance(scripts, dict) else {}


def _package(tree: SourceTree, path: str) -> Mapping[str, Any]:
    try:
        said = json.loads(tree.text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def dockerfile(recipe: Recipe) -> str:
    """Write the Dockerfile."""
    return "\n".join([*_lines(recipe), ""])


def is_ours(text: str) -> bool:
    """Tell whether a Dockerfile is one that was written here."""
    return text.startswith(_WRITTEN)


def dockerignore() -> str:
    """Write what is no part of the image."""
    return "\n".join([*_IGNORED, ""])


def _lines(recipe: Recipe) -> Iterator[str]:
    build, run = debian_packages(recipe.packages)
    folder = f"/app/{recipe.root}".rstrip("/")
    yield _WRITTEN
    yield from ("ARG PYTHON", "ARG PYTHON_BUILD", "")
    if recipe.assets:
        yield from _asset_stage(recipe.assets)
    yield "FROM ${PYTHON_BUILD} AS build"
    if build or recipe.npm:
        yield _install(" ".join(filter(None, [build, "nodejs npm" if recipe.npm else ""])))
    npm = f" {_AUTHORITIES}" if recipe.npm else ""
    yield f"ENV VIRTUAL_ENV={VENV} PATH={VENV}/bin:$PATH{npm}"
    yield f"RUN python3 -m venv --without-pip {VENV}"
    yield "WORKDIR /app"
    yield from _packages(recipe)
    yield "COPY --from=assets /app /app" if recipe.assets else "COPY . ."
    if recipe.root:
        yield f"WORKDIR {folder}"
    if recipe.packages.manager == "project":
        extras = f"[{','.join(recipe.packages.extras)}]" if recipe.packages.extras else ""
        place = f"/app/{recipe.packages.source.rpartition('/')[0]}".rstrip("/")
        yield from _installed(f"'{place}{extras}'" if extras else place)
        if recipe.npm:
            yield f"RUN rm -rf {place}/node_modules"
    yield "RUN mkdir -p /srv/static"
    if recipe.framework.prepare:
        words = "".join(f"{k}={v} " for k, v in sorted(recipe.framework.environment.items()))
        for each in recipe.framework.prepare:
            yield f"RUN {words}{each}"
        yield "RUN chmod -R a+rX /srv/static"
    yield from ("", "FROM ${PYTHON}")
    if run:
        yield _install(run)
    yield f"COPY --from=build {VENV} {VENV}"
    yield "COPY --from=build /app /app"
    yield "COPY --from=build /srv/static /srv/static"
    yield "ARG UID=10001"
    yield f"RUN install -d -o ${{UID}} -g ${{UID}} {' '.join(_written(recipe.framework))}"
    for name, target in recipe.framework.links.items():
        yield f"RUN ln -sfn {target} {folder}/{name}"
    places = f"{folder}{_source_folder(recipe)}:$PYTHONPATH"
    yield f"ENV PATH={VENV}/bin:$PATH PYTHONPATH={places} \\"
    # Docker's own images of Python have it, so applications read it.
    yield f"    PYTHON_VERSION={'.'.join(map(str, PYTHON))}"
    yield f"WORKDIR {folder}"
    yield "USER ${UID}:${UID}"


def _written(framework: Framework) -> list[str]:
    """Give the folders that its user has to own: what is kept lies there."""
    found = {each.key: each.value for each in framework.settings}
    return sorted({"/data", found.get("data", "/data"), *found.get("volumes", {}).values()})


def _source_folder(recipe: Recipe) -> str:
    return f":/app/{recipe.root}src" if recipe.framework.name != "Django" else ""


def _asset_stage(folder: str) -> Iterator[str]:
    place = f"/app/{folder}".removesuffix("./").rstrip("/")
    yield "FROM ${PYTHON_BUILD} AS assets"
    yield _install("nodejs npm")
    yield f"ENV {_AUTHORITIES}"
    yield from ("WORKDIR /app", "COPY . .", f"WORKDIR {place}")
    yield "RUN if [ -f package-lock.json ]; then npm ci; else npm install; fi && npm run build \\"
    yield " && rm -rf node_modules"
    yield ""


def _packages(recipe: Recipe) -> Iterator[str]:
    """Install what the application asks for, before its code: that layer stays."""
    packages, root = recipe.packages, recipe.root
    server = "" if recipe.server in packages else f" {recipe.server}"
    if server == " uvicorn":
        server = " uvicorn websockets"
    server += "".join(f" {name}" for name in recipe.framework.installs)
    if "celery" in packages and "packaging" not in packages:
        server += " packaging"  # Celery's client for Redis imports it, and does not ask for it
    if packages.manager == "pip":
        for copied in dict.fromkeys(_copied(each, root) for each in packages.files):
            folder = copied if copied not in packages.files else copied.rpartition("/")[0]
            yield f"COPY {copied} /app/{folder}/".replace("//", "/")
        yield from _raised(packages, *(f"/app/{each}" for each in packages.files))
        yield from _installed(f"-r /app/{packages.source}{server}")
        return
    files = {
        "uv": (
            "uv.lock pyproject.toml",
            "uv",
            "uv export --frozen --no-dev --no-emit-project --no-hashes",
        ),
        "poetry": (
            "poetry.lock pyproject.toml",
            "poetry poetry-plugin-export",
            "poetry export --only main --without-hashes",
        ),
        "pipenv": ("Pipfile*", "pipenv", "pipenv requirements"),
    }
    if packages.manager in files:
        names, tool, export = files[packages.manager]
        yield f"COPY {' '.join(f'{root}{name}' for name in names.split())} /app/{root}"
        yield "RUN python3 -m venv --without-pip /opt/tool \\"
        yield f" && VIRTUAL_ENV=/opt/tool pip install {tool} \\"
        yield f" && cd /app/{root} && PATH=/opt/tool/bin:$PATH {export} > /tmp/requirements.txt"
        yield from _raised(packages, "/tmp/requirements.txt")  # noqa: S108 - in the image
        yield from _installed(f"-r /tmp/requirements.txt{server}")
    elif server:
        yield f"RUN pip install{server}"


def _copied(file: str, root: str) -> str:
    """Give the folder of a requirements file, which holds those that belong to it, or the file."""
    folder = file.rpartition("/")[0]
    return folder if folder.removeprefix(root.rstrip("/")).strip("/") else file


def _raised(packages: Packages, *files: str) -> Iterator[str]:
    """Take newer versions of what this Python has no wheel of; the project's own files stay."""
    changes = " ".join(
        f"-e 's/^{_spelled(name)} *== *[^ ;#]*/{name}\\1{_range(name, each)}/I'"
        for name, each in sorted(packages.later.items())
        if each.same
    )
    if changes:
        yield f"RUN sed -E -i {changes} {' '.join(files)}"


def _spelled(name: str) -> str:
    """Give a pattern for a package's name in requirements; its extras are the first group."""
    return name.replace("-", "[-_.]") + "(\\[[^]]*\\])?"


def _range(name: str, later: Later) -> str:
    """Give the first version that is of use, and those after it that differ as little."""
    if name == GUNICORN:
        return f">={later.first}"
    major, minor = (*number(later.first), 0)[:2]
    same_minor = number(later.version)[:2] == [major, minor]
    return f">={later.first},<{f'{major}.{minor + 1}' if same_minor else major + 1}"


def _installed(what: str) -> Iterator[str]:
    """Install packages; a compiler comes only where one of them has no wheel for this Python."""
    yield f"RUN pip install {what} \\"
    yield " || { apt-get update && apt-get install -y --no-install-recommends gcc python3-dev \\"
    yield f"      && pip install {what}; }}"


def debian_packages(packages: Packages) -> tuple[str, str]:
    """Give what the image is built with, and what it runs with; a compiler only for sources."""
    found = [_BUILT[name] for name in {*packages.names, *packages.pins} if name in _BUILT]
    build, run = ({word for pair in found for word in pair[n].split()} for n in (0, 1))
    if any(not each.same for each in packages.later.values()):
        build |= {"gcc", "python3-dev"}
    return " ".join(sorted(build)), " ".join(sorted(run))


def _install(names: str) -> str:
    return (
        f"RUN apt-get update && apt-get install -y --no-install-recommends {names} \\\n"
        " && rm -rf /var/lib/apt/lists/*"
    )
