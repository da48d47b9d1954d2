"""Configures gunicorn for a container: `gunicorn --config python:webstack_service.gunicorn_config`.

What GUNICORN_CMD_ARGS says wins over this module.
"""

import gc
import os
import signal
from typing import Any

from webstack_service import cpu, logs, reloader, request

_socket = os.environ.get("WEBSTACK_SOCKET")
_source = os.environ.get("WEBSTACK_RELOAD")
bind = f"unix:{_socket}" if _socket else "127.0.0.1:8000"

workers = int(os.environ.get("WEB_CONCURRENCY") or cpu.workers(cpu.limit()))
worker_class = "webstack_service.worker.Worker"
threads = 4
# The application is loaded once and shared by fork, before there is a socket: one that refuses to
# start ends at once. A reload needs it loaded in each worker.
preload_app = not _source
# A leak never grows old, and the jitter keeps workers from leaving together.
max_requests = 10_000
max_requests_jitter = 1_000
graceful_timeout = 30

# The heartbeat is a file that is touched all the time: in memory, not on a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108  # private to the container
control_socket_disable = True

# The only peer is the proxy, on the unix socket: that is trusted always, an address never.
forwarded_allow_ips = ""
# As long as nginx lets them be, so that it is nginx who refuses.
limit_request_line = 8190

logger_class = "webstack_service.access.AccessLog"
logconfig_dict = logs.configuration()


def when_ready(server: Any) -> None:
    """Share with the workers what was loaded so far; in development, take changed code into use."""
    gc.freeze()
    if _source:
        reloader.start(_source)


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker that is told to stop before it listens to that end, as gunicorn counts on."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while not server.SIG_QUEUE.empty():
        if server.SIG_QUEUE.get_nowait() == signal.SIGTERM:
            os._exit(0)


def post_worker_init(worker: Any) -> None:
    """Let no search for garbage look at what is loaded: one at the exit takes half a second."""
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    """Outlive code that was changed again while a worker loaded it."""
    is_first = worker.age <= server.cfg.workers
    if _source and not worker.booted and not is_first:
        reloader.wait_for_another_try()


def pre_request(worker: Any, req: Any) -> None:
    """Give every line that this request logs the id that the proxy gave it."""
    request.identity.set(request.find_identity(req.headers))


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """Let go of the id before the thread takes another request."""
    request.identity.set("")
