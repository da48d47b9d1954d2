"""The rules for every test: where it may connect to, and that CI leaves no test out.

Tests marked `docker` and `browser` need a daemon or a browser. Where one is missing, they are
skipped with the reason. In CI (CI=true) such a skip is a failure, since nobody reads the reason
there.
"""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from infra.base_images import BaseNames
from tests import bases
from webstack.cli.machine.docker_daemon import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.terminal.errors import OpsError

pytest_plugins = ["infra.testing"]

SHARING = {
    "services/": "the samples",
    "tests/browser/test_errors.py": "the dev stack",
    "tests/docker/test_drift.py": "the dev stack",
    "tests/docker/test_one_off.py": "the dev stack",
    "tests/docker/test_serving.py": "the dev stack",
    "tests/proxy/test_failures_live.py": "the proxy",
    "tests/proxy/test_hostile_live.py": "the proxy",
    "tests/proxy/test_image_live.py": "the proxy",
    "tests/proxy/test_prefixes_live.py": "the proxy",
    "tests/proxy/test_routes_live.py": "the proxy",
    "tests/proxy/test_static_live.py": "the proxy",
    "tests/proxy/test_streams_live.py": "the proxy",
    # The daemon is in one swarm at a time.
    "tests/webstack/cli/daemon/swarm/": "the swarm",
    "tests/webstack/engine/providers/docker/swarm/": "the swarm",
}
"""Files and folders whose tests share what takes long to bring up, by the name of it."""
FIRST = (
    # This folder makes the base images; the next ones need none, and run meanwhile.
    "services/",
    "tests/webstack/engine/",
    "tests/webstack/docker/",
    "tests/browser/test_comments.py",
    # All others follow by their length.
    "tests/docker/test_no_request_lost.py",
    "tests/docker/test_data_servers.py",
    "tests/docker/test_projects.py",
    "tests/docker/test_changes.py",
    "tests/docker/test_previews.py",
    "tests/docker/test_servers.py",
    "tests/docker/test_releases.py",
    "tests/docker/test_certificates.py",
    "tests/proxy/",
    "tests/docker/test_re",
    # These only read the stack that they share; who shares it with them comes later.
    "tests/docker/test_serving.py",
    "tests/docker/test_one_off.py",
    "tests/docker/",
)
"""The order of tests that takes the least time in several processes."""
OUTWARD = {"docker", "browser", "cli"}
NEVER_SKIPPED_IN_CI = {"docker", "browser"}
MAY_BE_SKIPPED = {"cli", "swarm"}


def pytest_configure() -> None:
    """Let interrupts reach the programs that tests start, whoever started the tests.

    A shell starts what runs in its background with SIGINT ignored, and `nohup` does the same with
    SIGHUP. Each program inherits that from its parent.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file unread that has no test with the marks that are asked for.

    To read all files takes each process longer than many a test.
    """
    asked = set(str(config.getoption("-m")).split(" or "))
    if not asked <= OUTWARD or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text(errors="replace")
    return None if any(f"mark.{word}" in text for word in asked) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Point the tests that need a daemon at one, or skip them all for the same reason.

    Long tests come first, so that no process is left alone with them in the end.
    """
    items.sort(key=_rank)
    needing = [item for item in items if _markers(item) & OUTWARD]
    if not needing:
        return
    try:
        endpoint = find(candidates(os.environ, Path.home()))
        reason = "no Docker daemon answers"
    except OpsError as error:
        endpoint, reason = None, str(error)
    if endpoint:
        os.environ.update(endpoint.variables)
        return
    for item in needing:
        if "docker" in _markers(item):
            item.add_marker(pytest.mark.skip(reason=reason))


class TogetherWithTheirStack(LoadScopeScheduling):
    """Gives one process all tests of a file, or of files that share a stack or images.

    A process gets the next file only when it begins its last test, so that none has long files
    waiting while another has no work.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for path, name in SHARING.items() if file.startswith(path)), file)

    def _reschedule(self, node: WorkerController) -> None:
        if not self.workqueue or self._pending_of(self.assigned_work[node]) <= 1:
            super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Share out the tests on a real daemon among processes."""
    if config.getoption("dist") != "loadscope":
        return None
    return TogetherWithTheirStack(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Turn a skip that CI must not have into a failure that names its reason."""
    report = yield
    expected = hasattr(report, "wasxfail")
    if report.skipped and not expected and _in_ci() and _must_run(item):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must run in CI, but: {reason}"
    return report


@pytest.fixture(scope="session")
def base_images() -> BaseNames:
    """Give the names of the images that all others start from; the first call makes them."""
    return bases.made()


@pytest.fixture(autouse=True)
def _only_this_machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a unit test connect to nothing beyond this machine."""
    if _markers(request.node) & OUTWARD:
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise ConnectionRefusedError(f"a unit test wants to connect to {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _rank(item: pytest.Item) -> int:
    paths = enumerate(FIRST)
    return next((rank for rank, path in paths if item.nodeid.startswith(path)), len(FIRST))


def _markers(item: pytest.Item) -> set[str]:
    return {marker.name for marker in item.iter_markers()}


def _must_run(item: pytest.Item) -> bool:
    """Tell whether CI needs the test.

    Tests beside the CLI are for machines that have one, those of a swarm for kernels that can.
    """
    markers = _markers(item)
    return bool(markers & NEVER_SKIPPED_IN_CI) and not markers & MAY_BE_SKIPPED


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")
