"""`doctor`: check this machine and this stack, and name the way out of what is wrong.

With the name of a service: what still stands between that and production. With ``--security``: how
its containers stand to the fields that docker-bench looks at.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from webstack.cli.applications import service_entry
from webstack.cli.applications.readiness import PRODUCTION, readiness
from webstack.cli.applications.recognise import recognise
from webstack.cli.applications.tree import read_tree
from webstack.cli.backends import pulumi_environment, session_setup
from webstack.cli.backends.composition import StackSession, identified, open_session
from webstack.cli.daemon import sqlite_versions
from webstack.cli.daemon.containers import StackOnDocker, plain_errors
from webstack.cli.daemon.nginx import certificates
from webstack.cli.deployments import security
from webstack.cli.environments import stack_settings
from webstack.cli.machine import stack_host
from webstack.cli.machine.docker_discovery import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.machine.docker_ping import Alive, ping
from webstack.cli.terminal.arguments import STACK_HELP, add_flag, add_project, add_shared
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.contract import plain_text
from webstack.engine.model.errors import EngineError
from webstack.engine.project.project import Project

LOW_DISK = 3 << 30
CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")


class Finding(msgspec.Struct, frozen=True):
    """Holds one fact, and whether it is as it should be."""

    ok: bool
    topic: str
    fact: str

    def __str__(self) -> str:
        return plain_text.line(f"{'ok' if self.ok else '!!'}  {self.topic.ljust(12)}  {self.fact}")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_project(parser)
    words = f"{STACK_HELP}; or a service of it"
    parser.add_argument("stack_word", nargs="?", metavar="STACK|SERVICE", help=words)
    parser.add_argument("--stack", "-s", dest="stack", help=argparse.SUPPRESS)
    add_flag(
        parser, "--security", text="look at the fields of docker-bench, container by container"
    )
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """Print what was found; exit code 1 if something is missing."""
    if options.security:
        return _security(options)
    if options.json:
        raise OpsError("--json is for --security", "the other checks are words for people")
    findings = examine_service(options.stack, options.cwd, os.environ) or examine(
        options.stack, options.engine, options.cwd, os.environ
    )
    for finding in findings:
        print(finding)
    return 0 if all(finding.ok for finding in findings) else 1


def _security(options: Namespace) -> int:
    containers = security.look(session_setup.session_of(options))
    if not containers:
        raise OpsError("the stack has no containers", "`webstack up` makes them")
    print(json_text(security.as_json(containers)) if options.json else security.report(containers))
    return 0 if security.is_sound(containers) else 1


def examine(
    stack: str | None, engine: str | None, folder: Path | None, environ: MutableMapping[str, str]
) -> list[Finding]:
    """Look at everything that could keep `webstack up` from working."""
    with suppress(EngineError):
        stack_host.use(*identified(stack, folder, environ), environ)
    findings = [_python(), *_daemon(environ), *_network(environ)]
    try:
        session = open_session(stack, engine, folder, environ)
    except (OpsError, EngineError) as error:
        return [*findings, Finding(False, "project", str(error))]
    return [*findings, *_session(session), *_databases(session), *_certificate(session)]


def examine_service(
    name: str | None, folder: Path | None, environ: MutableMapping[str, str]
) -> list[Finding]:
    """Look at what stands between a service and production; nothing where no service is named.

    A stack of the same name is meant before a service.
    """
    try:
        project, stack = identified(None, folder, environ)
        config = stack_settings.values_of(project, stack)
    except (OpsError, EngineError):
        return []
    services = config.get(service_entry.SERVICES) or {}
    if name is None or name not in services or project.settings_file(name).exists():
        return []
    try:
        application = recognise(read_tree(project.root / str(services[name].get("source"))))
    except OpsError:
        application = None
    found = readiness(name, config, application, _in_production(project, name))
    return [Finding(each.ok, each.topic, each.fact) for each in found]


def _in_production(project: Project, name: str) -> Mapping[str, Any] | None:
    try:
        values = stack_settings.values_of(project, PRODUCTION)
    except (OpsError, EngineError):
        return None
    found = (values.get(service_entry.SERVICES) or {}).get(name)
    return found if isinstance(found, Mapping) else None


def _python() -> Finding:
    return Finding(True, "python", f"{platform.python_version()} at {sys.executable}")


def _daemon(environ: Mapping[str, str]) -> Iterator[Finding]:
    try:
        endpoint = find(candidates(environ, Path.home()))
    except OpsError as error:
        yield Finding(False, "docker", str(error))
        return
    if endpoint is None:
        yield Finding(False, "docker", "no daemon answers; `webstack up` starts or installs one")
        return
    answer = ping(endpoint)
    spoken = ".".join(map(str, answer.api)) if isinstance(answer, Alive) else "?"
    yield Finding(True, "docker", f"API {spoken} at {endpoint.url} ({endpoint.source})")


def _databases(session: StackSession) -> Iterator[Finding]:
    """Name the services whose SQLite is old; silent where no daemon or container says."""
    try:
        docker = StackOnDocker(session.project.name, session.stack)
        with plain_errors():
            found = sqlite_versions.outdated(docker.api, docker.labels)
    except OpsError:
        return
    for service, version in found.items():
        way_out = "start its image from ${PYTHON}, made anew, or bring a newer one"
        mended = ".".join(map(str, sqlite_versions.MENDED))
        fact = f"{service} has {version}, which before {mended} can damage data; {way_out}"
        yield Finding(False, "sqlite", fact)


def _certificate(session: StackSession) -> Iterator[Finding]:
    """Say how the certificate is that the stack orders by itself; silent for any other."""
    try:
        docker = StackOnDocker(session.project.name, session.stack)
        with plain_errors():
            labels = [*docker.labels, f"webstack.role={certificates.ROLE}"]
            names = [each["Names"][0] for each in docker.api.containers(filters={"label": labels})]
    except OpsError:
        return
    for name in names:
        if found := certificates.status_of(docker.api, name.lstrip("/")):
            fault = found.fault(datetime.now(timezone.utc))
            yield Finding(not fault, "certificate", found.line)


def _network(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in CERTIFICATES:
        if environ.get(name):
            found = Path(environ[name]).is_file()
            yield Finding(
                found, "certificates", f"{name}={environ[name]}{'' if found else ': no file'}"
            )
    for name in PROXIES:
        if environ.get(name):
            yield Finding(True, "proxy", f"{name} is set")


def _session(session: StackSession) -> Iterator[Finding]:
    project = session.project
    yield Finding(True, "runner", str(session.choice))
    settings = project.settings_file(session.stack)
    if settings.exists():
        yield Finding(True, "settings", settings.name)
    else:
        way_out = f"`webstack stack init {session.stack}` makes it"
        yield Finding(False, "settings", f"there is no {settings.name}; {way_out}")
    yield _state(session)
    yield _passphrase(session)
    yield _disk(project.root)


def _state(session: StackSession) -> Finding:
    try:
        folder = session.project.state_folder
    except EngineError as error:
        return Finding(True, "state", str(error))
    place = folder if folder.exists() else folder.parent
    if os.access(place, os.W_OK):
        return Finding(True, "state", str(folder))
    return Finding(False, "state", f"{folder} cannot be written to by this user")


def _passphrase(session: StackSession) -> Finding:
    try:
        pulumi_environment.require_passphrase(session.stack, session.project.environ)
    except OpsError as error:
        return Finding(False, "passphrase", str(error))
    return Finding(True, "passphrase", "is given")


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    text = f"{free / (1 << 30):.0f} GiB free"
    if free >= LOW_DISK:
        return Finding(True, "disk", text)
    return Finding(False, "disk", f"{text}; images need some: `docker image prune` makes room")
