"""What GUNICORN_CMD_ARGS leaves open, and a worker that leaves nobody waiting."""

import select
import socket
from pathlib import Path

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Answers those who wait in the queue before it stops; nobody joins it then.

    The socket's name is gone before workers are told to stop, so nginx has turned to another
    replica. Without this a POST that waits is lost, since it may not be sent twice.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stop to accept, but only when the queue is empty where no other worker will follow."""
        for listener in self.sockets if not enabled else []:
            while not Path(listener.getsockname()).exists() and _waited_for(listener):
                self.accept(listener)
        super().set_accept_enabled(enabled)


def _waited_for(listener: socket.socket) -> bool:
    readable, _, _ = select.select([listener], [], [], 0)
    return bool(readable)


worker_class = Worker
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
