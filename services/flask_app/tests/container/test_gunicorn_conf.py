import os
import queue
import re
import runpy
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[2]
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "k" * 32,
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_URL": "sqlite://",
}


def gunicorn(**variables):
    """Ask gunicorn itself what it makes of the file and the variables."""
    command = [sys.executable, "-m", "gunicorn", "--print-config", "notes:create_app()"]
    return subprocess.run(
        command, cwd=SERVICE, env={**PRODUCTION, **variables}, capture_output=True, text=True
    )


def settings(**variables):
    shown = gunicorn(**variables)
    assert shown.returncode == 0, shown.stderr
    return dict(re.findall(r"^(\w+) += (.*)$", shown.stdout, re.MULTILINE))


def test_safe_in_a_container_by_default():
    found = settings(WEB_CONCURRENCY="3", WEBSTACK_SOCKET="/run/webstack/a.sock")
    assert found["bind"] == "['unix:/run/webstack/a.sock']"
    assert found["workers"] == "3"
    assert found["worker_class"] == "container.worker.Worker"
    assert found["worker_tmp_dir"] == "/dev/shm"
    assert found["control_socket_disable"] == "True"
    assert found["forwarded_allow_ips"] == "[]"
    assert found["preload_app"] == "True"
    assert int(found["max_requests_jitter"]) > 0


def test_what_the_deployment_says_wins():
    arguments = "--bind unix:/run/webstack/b.sock --workers 5 --threads 7 --graceful-timeout 9"
    found = settings(GUNICORN_CMD_ARGS=arguments, WEBSTACK_SOCKET="/run/webstack/a.sock")
    chosen = [found[name] for name in ("bind", "workers", "threads", "graceful_timeout")]
    assert chosen == ["['unix:/run/webstack/b.sock']", "5", "7", "9"]


def test_a_reload_in_dev_finds_the_code_unloaded():
    dev = {"ENVIRONMENT": "dev", "DEBUG": "1"}
    assert settings(**dev, WEBSTACK_RELOAD="/app")["preload_app"] == "False"
    assert settings(**dev)["preload_app"] == "True"


def test_wrong_settings_end_gunicorn_in_one_line():
    refused = gunicorn(SECRET_KEY="", WEBSTACK_SERVICE="flask")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "flask does not start: SECRET_KEY is not set\n"


@pytest.mark.parametrize(
    ("queued", "told", "end"), [(True, False, 0), (False, True, -signal.SIGTERM), (False, False, 7)]
)
def test_a_new_worker_that_is_told_to_stop_ends(monkeypatch, queued, told, end):
    """Whether the signal came before gunicorn's hook or after it."""
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    post_fork = runpy.run_path(str(SERVICE / "gunicorn.conf.py"))["post_fork"]
    server = types.SimpleNamespace(SIG_QUEUE=queue.SimpleQueue())
    server.SIG_QUEUE.put(signal.SIGHUP)
    if queued:
        server.SIG_QUEUE.put(signal.SIGTERM)
    worker = os.fork()
    if not worker:
        post_fork(server, None)
        if told:
            os.kill(os.getpid(), signal.SIGTERM)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == end
