"""A preview says what `up` then does, to a stack that is asked all the time."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import Deployment, copied, port_of_no_client
from webstack.cli.review.document import Document, parse
from webstack.cli.review.model import Outcome, Review
from webstack.cli.review.reading import review

pytestmark = pytest.mark.docker

HELLO = """
import os, signal, socketserver, sys
from http.server import BaseHTTPRequestHandler
class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *_):
        pass
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = False
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
os.umask(0)
with Server(os.environ["WEBSTACK_SOCKET"], Hello) as server:
    server.serve_forever()
"""
DOCKERFILE = """
ARG PYTHON
FROM ${PYTHON}
ARG UID=10001
RUN install -d -o ${UID} -g ${UID} /data
COPY hello.py /app/
USER ${UID}:${UID}
CMD ["python3", "/app/hello.py"]
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up a small service at /; the tests change it one after another."""
    with copied(tmp_path_factory.mktemp("previews") / "project") as deployment:
        folder = deployment.root / "services" / "hello"
        folder.mkdir()
        (folder / "hello.py").write_text(HELLO)
        (folder / "Dockerfile").write_text(DOCKERFILE)
        service = {"source": "services/hello", "path": "/", "secret_environment": {"KEY": {}}}
        deployment.change_settings(lambda c: c.update({"webstack:services": {"hello": service}}))
        deployment.up()
        yield deployment


def set_service(**settings: Any) -> Callable[[Deployment], None]:
    def change(stack: Deployment) -> None:
        stack.change_settings(lambda c: c["webstack:services"]["hello"].update(settings))

    return change


def change_code(stack: Deployment) -> None:
    file = stack.root / "services" / "hello" / "hello.py"
    file.write_text(file.read_text() + "# another line\n")


def add_service(stack: Deployment) -> None:
    second = {"source": "services/hello", "path": "/second", "data": "/data"}
    stack.change_settings(lambda c: c["webstack:services"].update(second=second))


def set_proxy(stack: Deployment) -> None:
    stack.change_settings(lambda c: c.update({"webstack:proxy": {"memory": 160}}))


def remove_service(stack: Deployment) -> None:
    stack.change_settings(lambda c: c["webstack:services"].pop("second"))


@pytest.mark.parametrize(
    ("change", "outcomes"),
    [
        pytest.param(change_code, {"hello": Outcome.ROLLS}, id="code"),
        pytest.param(set_service(environment={"A": "b"}), {"hello": Outcome.ROLLS}, id="value"),
        pytest.param(
            set_service(secret_environment={"KEY": {"serial": 2}}, memory=300),
            {"hello": Outcome.ROLLS},
            id="secret and limits",
        ),
        pytest.param(
            set_service(replicas=2),
            {"hello": Outcome.ROLLS, "nginx": Outcome.RELOADS},
            id="replicas",
        ),
        pytest.param(
            set_service(hosts=["hello.localhost"]),
            {"hello": Outcome.ROLLS, "nginx": Outcome.RELOADS},
            id="route",
        ),
        pytest.param(set_proxy, {"nginx": Outcome.HANDS_OVER}, id="proxy"),
        pytest.param(
            add_service,
            {"second": Outcome.STARTS, "nginx": Outcome.HANDS_OVER},
            id="new service",
        ),
    ],
)
def test_a_change_is_what_its_preview_says(
    stack: Deployment, change: Callable[[Deployment], None], outcomes: dict[str, Outcome]
):
    change(stack)
    document, foreseen = preview(stack)
    assert {item.subject: item.outcome for item in foreseen.predictions} == outcomes

    before = resources(stack)
    with visited(stack) as visits:
        stack.up()
    assert happened(before, resources(stack)) == listed(document)
    assert len(visits.answered) > 20
    assert visits.failed == []


def test_after_all_that_nothing_is_to_do(stack: Deployment):
    before = resources(stack)
    stack.webstack("up", "--yes", "--expect-no-changes")
    assert happened(before, resources(stack)) == set()


def test_a_port_that_somebody_has_leaves_the_old_one_serving(stack: Deployment):
    old = stack.port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stack.change_settings(lambda c: c.update({"webstack:port": port}))
        with visited(stack) as visits:
            failed = stack.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert f"port {port} of the host is in use already" in failed.stdout
    assert visits.failed == []
    stack.change_settings(lambda c: c.update({"webstack:port": old}))
    with visited(stack) as visits:
        stack.up()
    assert visits.failed == []
    stack.webstack("preview", "--expect-no-changes")


def test_data_goes_only_when_that_was_said(stack: Deployment):
    if not [name for name in stack.containers() if "-second-" in name]:
        add_service(stack)
        stack.up()
    volume = f"{stack.project}-dev-second-data"
    [container] = [name for name in stack.containers() if "-second-" in name]
    stack.docker("exec", container, "touch", "/data/note")
    remove_service(stack)
    _, foreseen = preview(stack, check=False)
    assert [item.outcome for item in foreseen.predictions][-1] is Outcome.LOSES_DATA

    before = resources(stack)
    refused = stack.webstack("up", "--yes", check=False)
    assert refused.returncode == 1
    assert "this would lose the data of second-data" in refused.stderr
    assert happened(before, resources(stack)) == set()
    assert stack.get("/second/").status == 200

    document, _ = preview(stack, "--allow-data-loss")
    stack.webstack("up", "--yes", "--allow-data-loss")
    assert happened(before, resources(stack)) == listed(document)
    assert volume not in stack.objects()


def test_a_plan_is_applied_unless_something_moved(stack: Deployment, tmp_path: Path):
    plan = str(tmp_path / "plan")
    set_service(environment={"A": "planned"})(stack)
    stack.webstack("preview", "--save", plan)
    set_service(environment={"A": "moved"})(stack)
    refused = stack.webstack("up", "--yes", "--plan", plan, check=False)
    assert refused.returncode == 1
    assert "the setting webstack:services.hello.environment.A changed" in refused.stderr

    set_service(environment={"A": "planned"})(stack)
    stack.webstack("up", "--yes", "--plan", plan)
    again = stack.webstack("up", "--yes", "--plan", plan, check=False)
    assert again.returncode == 1
    assert "the state of " in again.stderr


def test_another_address_takes_about_as_long_as_said(stack: Deployment):
    stack.change_settings(lambda c: c.update({"webstack:bind": "0.0.0.0"}))
    document, foreseen = preview(stack)
    (said,) = foreseen.predictions
    assert said.outcome is Outcome.RESTARTS

    before = resources(stack)
    with visited(stack) as visits:
        stack.up()
        time.sleep(1)
    assert happened(before, resources(stack)) == listed(document)
    gap = max(later - sooner for sooner, later in itertools.pairwise(visits.answered))
    assert 0.1 < gap < said.seconds + 5  # on a machine that does much else


def test_another_port_serves_before_the_old_one_goes(stack: Deployment):
    moved = Deployment(stack.root, stack.project, port_of_no_client())
    stack.change_settings(lambda c: c.update({"webstack:port": moved.port}))
    document, foreseen = preview(stack)
    assert {item.subject: item.outcome for item in foreseen.predictions} == {
        "nginx": Outcome.HANDS_OVER,
        "published port": Outcome.MOVES,
    }

    before = resources(stack)
    with visited(stack) as gone, visited(moved) as come:
        stack.up()
        time.sleep(1)
    assert happened(before, resources(stack)) == listed(document)
    assert come.answered[0] < gone.answered[-1]


def preview(stack: Deployment, *flags: str, check: bool = True) -> tuple[Document, Review]:
    text = stack.webstack("preview", "--json", *flags, check=check).stdout
    document = parse(text.encode())
    return document, review(document)


def listed(document: Document) -> set[tuple[str, str]]:
    """Give the operation and the resource of each step that a preview lists."""
    return {(step.op, step.urn) for step in document.changes}


def resources(stack: Deployment) -> dict[str, Any]:
    file = stack.root / ".state" / ".pulumi" / "stacks" / stack.project / "dev.json"
    state = json.loads(file.read_text())
    return {item["urn"]: item for item in state["checkpoint"]["latest"]["resources"]}


def happened(before: dict[str, Any], after: dict[str, Any]) -> set[tuple[str, str]]:
    """Give the operations that were done, by comparing the state before and after."""
    found = {("create", urn) for urn in after.keys() - before.keys()}
    found |= {("delete", urn) for urn in before.keys() - after.keys()}
    for urn in before.keys() & after.keys():
        old, new = before[urn], after[urn]
        if old.get("created") != new.get("created"):
            found.add(("replace", urn))
        elif any(old.get(key) != new.get(key) for key in ("modified", "inputs")):
            found.add(("update", urn))
    return {(op, urn) for op, urn in found if "::pulumi:" not in urn}


class Visits:
    """The times at which requests were answered, and the errors of the other requests."""

    def __init__(self) -> None:
        self.answered: list[float] = []
        self.failed: list[str] = []


@contextmanager
def visited(stack: Deployment) -> Iterator[Visits]:
    """Ask for the front page all the time."""
    visits, end = Visits(), threading.Event()

    def visit() -> None:
        while not end.is_set():
            began = time.monotonic()
            try:
                status = stack.get("/").status
            except OSError as error:
                visits.failed.append(repr(error))
            else:
                if status == 200:
                    visits.answered.append(began if not visits.answered else time.monotonic())
                else:
                    visits.failed.append(str(status))
            end.wait(0.03)

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield visits
    finally:
        end.set()
        visitor.join()
