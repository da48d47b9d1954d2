import os
import queue
import re
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

from webstack_service import gunicorn_config

ROOT = Path(__file__).parents[2]
CONFIGURED = [
    sys.executable,
    "-m",
    "gunicorn",
    "--config",
    "python:webstack_service.gunicorn_config",
]
APP = """
from webstack_service import environment

environment.load(["CACHE_URL"])
app = print
"""


def gunicorn(*arguments, **variables):
    """Start gunicorn as a service does, with only these variables."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}
    command = [*CONFIGURED, *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=30)


def settings(**variables):
    """Ask gunicorn itself how it reads the module and the variables."""
    shown = gunicorn("--print-config", "builtins:print", **variables)
    assert shown.returncode == 0, shown.stderr
    return dict(re.findall(r"^(\w+) += (.*)$", shown.stdout, re.MULTILINE))


def test_safe_in_a_container_by_default():
    found = settings(WEB_CONCURRENCY="3", WEBSTACK_SOCKET="/run/webstack/a.sock")
    assert found["bind"] == "['unix:/run/webstack/a.sock']"
    assert found["workers"] == "3"
    assert found["worker_class"] == "webstack_service.worker.Worker"
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
    assert settings(WEBSTACK_RELOAD="/app")["preload_app"] == "False"
    assert settings()["preload_app"] == "True"


def test_wrong_settings_end_the_start_in_one_line_before_there_is_a_socket(tmp_path):
    (tmp_path / "tiny.py").write_text(APP)
    address = tmp_path / "s.sock"
    refused = gunicorn(
        "--pythonpath", str(tmp_path), "tiny:app",
        ENVIRONMENT="dev", WEBSTACK_SERVICE="shop", WEBSTACK_SOCKET=str(address),
    )  # fmt: skip
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "shop does not start: CACHE_URL is not set\n"
    assert not address.exists()


def test_wrong_settings_end_the_start_where_each_worker_loads_the_code(tmp_path):
    """By its own exit code gunicorn would start one worker after another, for ever."""
    (tmp_path / "tiny.py").write_text(APP)
    refused = gunicorn(
        "--pythonpath", str(tmp_path), "tiny:app",
        ENVIRONMENT="dev", WEBSTACK_RELOAD=str(tmp_path),
        WEBSTACK_SOCKET=str(tmp_path / "s.sock"), WEB_CONCURRENCY="1",
    )  # fmt: skip
    assert refused.returncode == 3
    assert "service does not start: CACHE_URL is not set\n" in refused.stderr


@pytest.mark.parametrize(
    ("queued", "told", "end"), [(True, False, 0), (False, True, -signal.SIGTERM), (False, False, 7)]
)
def test_a_new_worker_that_is_told_to_stop_ends(queued, told, end):
    """The signal may come before gunicorn's hook or after it."""
    post_fork = gunicorn_config.post_fork
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
