"""Services on PostgreSQL and Valkey get in where they may, and no acknowledged data is lost."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployment import Deployment, copied

pytestmark = pytest.mark.docker

CLI = ("valkey-cli", "-s", "/run/valkey/valkey.sock")
RESTARTS = "{{.RestartCount}}"
WRITERS = 6
LARGEST_GAP = 60
PYTHON = "/opt/venv/bin/python3"
CONNECT = "import psycopg, sys; psycopg.connect(sys.argv[1])"
LEDGER = {
    "source": "tests/applications/ledger",
    "path": "/",
    "needs": ["postgres"],
    "before_release": [PYTHON, "/app/ledger.py", "migrate"],
    "secret_environment": {"SECRET_KEY": {}},
}
"""A service that keeps lines in PostgreSQL, and in a queue where it has one."""
POSTGRES = {"masks": {"shop": {"line.line": "text"}}}
BACKUPS = {
    "schedule": "@yearly",
    "keep": {"daily": 1},
    "proof": {"shop": "SELECT count(*) > 0 FROM line"},
}
JOBS = {"celery": {"app": "jobs", "longest": 2}, "grace": 10}
LISTED = ("backup", "list", "--json", "--only", "postgres")
SQLITE = (
    "import json, sqlite3, sys; made = sqlite3.connect('/data/wiki.db'); "
    "made.execute('PRAGMA journal_mode = WAL'); "
    "made.execute('CREATE TABLE IF NOT EXISTS page (text)'); "
    "made.execute('INSERT INTO page VALUES (?)', sys.argv[1:]); made.commit(); "
    "print(json.dumps([text for (text,) in made.execute('SELECT text FROM page')]))"
)
"""Keeps a word in a database of SQLite, and prints all that are there."""
VALKEYS = ("valkey", "valkey-broker")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up two services: each has a database, and one of them has a cache and a queue."""
    with copied(tmp_path_factory.mktemp("postgres") / "project") as deployment:
        shop = {**LEDGER, "needs": ["postgres", *VALKEYS], "roles": {"jobs": JOBS}}
        services = {"shop": shop, "wiki": {**LEDGER, "path": "/wiki", "data": "/data"}}
        settings = {"webstack:services": services, "webstack:postgres": POSTGRES}
        settings["webstack:backups"] = BACKUPS
        deployment.change_settings(lambda config: config.update(settings))
        deployment.up()
        yield deployment


def test_each_service_gets_into_its_own_database_and_into_no_other(served: Deployment):
    shop = running(served, "shop")
    assert connected(shop, "postgresql://shop@/shop?host=/run/postgresql")
    for other in ("shop@/wiki", "wiki@/wiki", "postgres@/postgres", "wiki@/shop"):
        assert not connected(shop, f"postgresql://{other}?host=/run/postgresql"), other


def test_the_server_is_in_no_network_and_no_password_is_anywhere(served: Deployment):
    found = json.loads(served.docker("inspect", server(served)))[0]
    assert found["HostConfig"]["NetworkMode"] == "none"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["PidsLimit"]
    for name in (server(served), running(served, "shop")):
        lines = json.loads(served.docker("inspect", name))[0]["Config"]["Env"]
        assert not [line for line in lines if "PASS" in line]
    [url] = [line for line in lines if line.startswith("DATABASE_URL=")]
    assert ":" not in url.partition("//")[2]


def test_nothing_to_do_is_nothing_to_do(served: Deployment):
    served.webstack("preview", "--expect-no-changes")


def test_no_task_is_lost_over_a_killed_worker_and_a_release(served: Deployment):
    """The new release gives its workers tasks that the old workers do not know."""
    [worker] = (name for name in served.containers("background") if "-jobs-" in name)
    with writing(served, "/jobs", writers=2, pause=0.3) as lines:
        wait_for(lambda: len(lines) > 10)
        [_, child, *_] = served.docker("top", worker, "-o", "pid").split()[1:]
        os.kill(int(child), signal.SIGKILL)
        served.change_settings(new_task)
        served.up()
        count = len(lines)
        wait_for(lambda: len(lines) > count + 10)
    wait_for(lambda: set(lines) <= written(served))
    assert write(served, "fail", "/jobs") == 200
    wait_for(lambda: tasks(served)["failed"] == 1)
    told = tasks(served)
    assert (told["running"], told["queues"]) == (0, {"celery": 0})
    assert "QUEUE" in served.webstack("status").stdout


def test_a_database_is_copied_out_and_into_an_empty_one(served: Deployment, tmp_path: Path):
    assert write(served, "copied") == 200
    file = tmp_path / "shop.dump"
    served.webstack("db", "dump", "shop", "--file", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    refused = served.webstack("db", "load", "shop", "--file", str(file), check=False)
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    served.webstack("psql", "-d", "wiki", "-c", "DROP TABLE line")
    served.webstack("db", "load", "wiki", "--file", str(file))
    assert "copied" in served.get("/wiki/lines").text.splitlines()
    owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'line'"
    assert "wiki" in served.webstack("psql", "-d", "wiki", "-c", owner).stdout


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(served: Deployment):
    """The main process is killed as a full machine would do it, and Docker starts it again."""
    with writing(served) as lines:
        wait_for(lambda: len(lines) > 20)
        kill(served, "postgres")
        count = len(lines)
        wait_for(lambda: len(lines) > count + 20)
    assert set(lines) <= written(served)


def test_one_session_that_is_killed_takes_no_acknowledged_write_with_it(served: Deployment):
    with writing(served) as lines:
        wait_for(lambda: len(lines) > 20)
        find = "SELECT pid FROM pg_stat_activity WHERE usename = 'shop' LIMIT 1"
        shell = f'kill -9 "$(psql -XqAtc "{find}")"'
        wait_for(lambda: _runs(served, "sh", "-c", shell))
        count = len(lines)
        wait_for(lambda: len(lines) > count + 20)
    assert set(lines) <= written(served)


def test_no_job_that_a_queue_took_is_lost_when_the_queue_is_killed(served: Deployment):
    with writing(served, "/queue") as lines:
        wait_for(lambda: len(lines) > 100)
        kill(served, "valkey-broker")
        count = len(lines)
        wait_for(lambda: len(lines) > count + 100)
    queued = served.get("/queue").text.splitlines()
    assert set(lines) <= set(queued)
    assert len(queued) == len(set(queued))


def test_a_cache_forgets_and_a_queue_does_not(served: Deployment):
    """Both servers are filled beyond their memory, and started again."""
    assert served.get("/count").text == "1"
    fill = "[r.set(f'x{i}', 'x' * 100_000) for i in range(1000)]"
    script = f"import redis, sys; r = redis.Redis(unix_socket_path=sys.argv[1]); {fill}"
    codes = {}
    for name in VALKEYS:
        command = (PYTHON, "-c", script, f"/run/{name}/valkey.sock")
        words = ["docker", "exec", running(served, "shop"), *command]
        codes[name] = subprocess.run(words, capture_output=True, check=False).returncode
    assert served.docker("inspect", "-f", RESTARTS, server(served, "valkey")) == "0"
    assert codes == {"valkey": 0, "valkey-broker": 1}
    size = {}
    for name in VALKEYS:
        served.docker("restart", server(served, name))
        wait_for(lambda name=name: "PONG" in valkey(served, name, "ping"))
        size[name] = int(valkey(served, name, "dbsize"))
    assert size["valkey"] == 0
    assert size["valkey-broker"] > 500
    assert served.get("/count").text == "1"
    valkey(served, "valkey-broker", "flushall")
    assert served.request("POST", "/queue", "localhost", "more").status == 200


def test_without_its_cache_a_service_goes_on_and_finds_it_again(served: Deployment):
    served.docker("stop", server(served, "valkey"))
    try:
        assert served.get("/count").status == 503
        assert served.get("/").status == served.get("/lines").status == 200
        told = served.webstack("status", check=False)
        assert told.returncode == 1
        assert server(served, "valkey") in told.stderr
    finally:
        served.docker("start", server(served, "valkey"))
    wait_for(lambda: served.get("/count").status == 200)


def test_a_server_that_is_away_is_told_and_found_again(served: Deployment):
    served.docker("stop", server(served))
    try:
        assert served.get("/lines").status == 503
        assert served.get("/").status == 200
        told = served.webstack("status", check=False)
        assert told.returncode == 1
        assert server(served) in told.stderr
    finally:
        served.docker("start", server(served))
    wait_for(lambda: served.get("/lines").status == 200)


def test_a_backup_is_proven_and_a_moment_comes_back(served: Deployment):
    wait_for(lambda: write(served, "before") == 200)
    events = at_its_time(served)
    assert [each["event"] for each in events] == ["made", "proven"]
    assert events[1]["tables"] == 2
    told = served.webstack("status").stdout
    assert f"Backups: {events[1]['backup']} is proven" in told
    assert write(served, "kept") == 200
    moment = served.docker("exec", server(served), "psql", "-XqAtc", "SELECT now()")
    time.sleep(1)
    served.webstack("psql", "-d", "shop", "-c", "DELETE FROM line")
    assert write(served, "after") == 200
    back = ("restore", "--yes", "--only", "postgres", "--to", f"{moment}:00")
    refused = served.webstack(*back, check=False)
    assert "say --replace" in refused.stderr
    assert served.webstack("backup", "now", "--keep", "3", check=False).returncode == 1
    served.webstack(*back, "--replace")
    assert {"before", "kept"} <= written(served)
    assert "after" not in written(served)
    [first, *_, last] = json.loads(served.webstack(*LISTED).stdout)
    assert first["verified"]
    assert last["kind"] == "full"
    served.webstack("preview", "--expect-no-changes")


def test_a_flipped_byte_is_found_and_nothing_is_left_of_the_proof(served: Deployment):
    newest = newest_backup(served)
    flip = (
        "f=$(find /var/lib/pgbackrest/backup/main/\"$0\" -type f -path '*/bundle/*' | head -1);"
        'printf X | dd of="$f" bs=1 seek=$(($(stat -c %s "$f") / 2)) conv=notrunc'
    )
    served.docker("exec", server(served), "sh", "-c", flip, newest["name"])
    refused = served.webstack("backup", "verify", check=False)
    assert refused.returncode == 1
    proof = f"name={server(served)}-proof-"
    assert not served.docker("ps", "-aq", "--filter", proof)
    assert not served.docker("volume", "ls", "-q", "--filter", proof)


def test_all_come_back_in_any_order(served: Deployment):
    roles = ("service", "proxy", "holder", "postgres", *VALKEYS)
    names = [name for role in roles for name in served.containers(role)]
    served.docker("stop", *names)
    random.Random(1).shuffle(names)
    for name in names:
        served.docker("start", name)
    wait_for(lambda: all(_status(served, path) == 200 for path in ("/lines", "/count", "/queue")))
    served.webstack("preview", "--expect-no-changes")


def test_files_come_back_and_what_was_there_is_a_backup_too(served: Deployment):
    """The database is in use, and written to, while it is copied."""
    kept = page(served, "kept")
    served.webstack("backup", "now", "--only", "wiki")
    assert page(served, "later") == [*kept, "later"]
    refused = served.webstack("restore", "--yes", "--only", "wiki", check=False)
    assert "say --replace" in refused.stderr
    served.webstack("restore", "--yes", "--only", "wiki", "--replace")
    assert page(served, "after") == [*kept, "after"]
    known = json.loads(served.webstack("backup", "list", "--json", "--only", "wiki").stdout)
    assert [bool(each["verified"]) for each in known[-2:]] == [True, False]
    wait_for(lambda: _status(served, "/wiki/lines") == 200)
    served.webstack("restore", "--yes", "--replace", known[-1]["name"])
    assert page(served, "back") == [*kept, "later", "back"]


def test_another_stack_gets_a_masked_copy_and_keeps_it(served: Deployment):
    served.webstack("stack", "init", "qa", "--like", "dev", "--expires", "72h")
    file = served.root / "Pulumi.qa.yaml"
    document = yaml.safe_load(file.read_text())
    document["config"]["webstack:services"] = {"shop": LEDGER}
    del document["config"]["webstack:backups"]
    file.write_text(yaml.safe_dump(document))
    try:
        wait_for(lambda: write(served, "secret word") == 200)
        served.webstack("backup", "now", "--only", "postgres")
        served.webstack("up", "qa", "--yes", "--data-from", "dev")
        query = ("psql", "-d", "shop", "-c", "SELECT line FROM line")
        copied_lines = served.webstack(*query, "--stack", "qa").stdout
        assert "xxxxxx xxxx" in copied_lines
        assert "secret" not in copied_lines
        refused = served.webstack("restore", "--into", "qa", check=False)
        assert "say --replace" in refused.stderr
    finally:
        served.webstack("down", "qa", "--data", "--yes", check=False)


def test_a_lost_machine_comes_back_from_its_backups(served: Deployment, tmp_path: Path):
    """Nothing is there but the repository, the passphrase and the backups."""
    wait_for(lambda: write(served, "survives") == 200)
    secret, kept = made_secret(served), page(served, "kept")
    served.webstack("backup", "now", "--unproven")
    folder = tmp_path / "copy"
    served.webstack("backup", "copy", str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    served.webstack("down", "--data", "--yes")
    served.webstack("stack", "rm", "dev", "--yes")
    served.webstack("up", "--yes", "--from-backup", str(folder))
    assert "survives" in written(served)
    assert page(served, "again") == [*kept, "again"]
    assert made_secret(served) == secret
    again = served.webstack("up", "--yes", "--from-backup", str(folder), check=False)
    assert "has a release already" in again.stderr
    served.webstack("preview", "--expect-no-changes")


def newest_backup(served: Deployment) -> dict[str, Any]:
    """Give the newest backup; one is made if there is none."""

    def listed() -> list[dict[str, Any]]:
        return list(json.loads(served.webstack(*LISTED).stdout))

    if not listed():
        at_its_time(served)
    return listed()[-1]


def page(served: Deployment, word: str) -> list[str]:
    """Keep a word in the files of wiki; gives all that are there, in their order."""
    said = served.docker("exec", running(served, "wiki"), PYTHON, "-c", SQLITE, word)
    return list(json.loads(said))


def made_secret(served: Deployment) -> str:
    """Give a secret that the stack has made."""
    lines = json.loads(served.docker("inspect", running(served, "wiki")))[0]["Config"]["Env"]
    [value] = [line for line in lines if line.startswith("SECRET_KEY=")]
    return str(value)


def new_task(config: dict[str, Any]) -> None:
    config["webstack:services"]["shop"]["environment"] = {"TASK": "fresh"}


def tasks(served: Deployment) -> dict[str, Any]:
    listed = json.loads(served.webstack("status", "--json", check=False).stdout)
    [told] = [item["tasks"] for item in listed if "tasks" in item]
    return dict(told)


def at_its_time(served: Deployment) -> list[dict[str, Any]]:
    """Run the scheduled command of the backups; gives the events that it tells."""
    keeper = server(served, "postgres-cron")
    command = json.loads(served.docker("inspect", keeper))[0]["Config"]["Cmd"]
    [job] = json.loads(command[3]).values()
    said = served.docker("exec", keeper, *job["command"])
    return [json.loads(line) for line in said.splitlines()]


def server(served: Deployment, name: str = "postgres") -> str:
    return f"{served.project}-dev-{name}"


def valkey(served: Deployment, name: str, *words: str) -> str:
    """Give the output of one command of a Valkey server's own client."""
    done = subprocess.run(
        ["docker", "exec", server(served, name), *CLI, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def running(served: Deployment, service: str) -> str:
    [name] = [name for name in served.containers() if f"-{service}-" in name]
    return name


def connected(container: str, url: str) -> bool:
    command = ["docker", "exec", container, PYTHON, "-c", CONNECT, url]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def kill(served: Deployment, name: str) -> None:
    """Kill the main process from outside; Docker would not restart what it has killed itself."""
    pid = int(served.docker("inspect", "-f", "{{.State.Pid}}", server(served, name)))
    if not Path(f"/proc/{pid}").exists():
        pytest.skip("the Docker daemon has processes of its own")
    os.kill(pid, signal.SIGKILL)


def wait_for(condition: Callable[[], bool], seconds: float = LARGEST_GAP) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.2)


def write(served: Deployment, line: str, path: str = "/lines") -> int:
    return served.request("POST", path, "localhost", line).status


def written(served: Deployment) -> set[str]:
    """Give all lines that the server has, once it takes connections."""
    wait_for(lambda: served.get("/lines").status == 200)
    return set(served.get("/lines").text.splitlines())


@contextlib.contextmanager
def writing(
    served: Deployment, path: str = "/lines", writers: int = WRITERS, pause: float = 0
) -> Iterator[list[str]]:
    """Let clients write lines all the time; gives the list of the acknowledged lines."""
    acknowledged: list[str] = []
    stop = threading.Event()

    def work(number: int) -> None:
        while not stop.is_set():
            line = f"{time.monotonic_ns()}-{number}"
            with contextlib.suppress(OSError, http.client.HTTPException):
                if write(served, line, path) == 200:
                    acknowledged.append(line)
                    time.sleep(pause)
                    continue
            time.sleep(0.1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _runs(served: Deployment, *command: str) -> bool:
    words = ["docker", "exec", server(served), *command]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _status(served: Deployment, path: str) -> int:
    try:
        return served.get(path).status
    except (OSError, http.client.HTTPException):
        return 0
