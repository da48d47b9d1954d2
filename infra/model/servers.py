"""The start of application servers: one command for each, on the socket of its container.

Servers differ in how they are told of the socket, the prefix and the time to end. Before a start,
the socket that an earlier start has left is removed, since some servers do not start over it. If
the image lacks the server, one line says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.settings.sections import Service

_SOCKET = '"$WEBSTACK_SOCKET"'
_MISSING = (
    "$1 is not in the image of $WEBSTACK_SERVICE: add it to its requirements, or choose another "
    "server (webstack:services.$WEBSTACK_SERVICE.server)"
)
# In the place of the shell, so that it gets the signal to stop.
_START = f"""command -v "$1" >/dev/null || {{ echo "{_MISSING}" >&2; exit 127; }}
rm -f {_SOCKET}
exec "$@\""""
_ADDS_ITS_PREFIX = "uvicorn"
"""It puts its root path before each address, which therefore has to come without it."""


@dataclass(frozen=True)
class _Served:
    """What a server is told; times in seconds."""

    app: str
    socket: str
    workers: int
    grace: int
    prefix: str
    reload: bool

    @property
    def factory(self) -> bool:
        """Whether the application is what a function gives."""
        return self.app.endswith("()")

    @property
    def name(self) -> str:
        """The application, or the function that makes it, as a name."""
        return self.app.removesuffix("()")


def command(service: Service, socket: str) -> tuple[str, ...] | None:
    """Give the command of a container that listens on ``socket``.

    It is None for the command of the image.
    """
    if not service.app:
        return service.command
    served = _Served(
        app=service.app,
        socket=socket,
        workers=service.worker_count,
        grace=service.grace_time,
        prefix="" if service.strip_prefix else (service.path or "").rstrip("/"),
        reload=service.reload is not None,
    )
    return ("sh", "-c", _START, "webstack", *_COMMANDS[service.server or "gunicorn"](served))


def gets_the_rest(service: Service) -> bool:
    """Tell whether a service gets addresses without its path.

    Such a service does not know its path, or its server adds the path itself.
    """
    return service.strip_prefix or (
        service.server == _ADDS_ITS_PREFIX and service.path not in (None, "/")
    )


def _gunicorn(served: _Served) -> list[str]:
    """Name gunicorn, which reads all else from ``GUNICORN_CMD_ARGS``."""
    return ["gunicorn", served.app]


def _gunicorn_asgi(served: _Served) -> list[str]:
    again = ["--reload"] if served.reload else []
    prefix = _optional("--root-path", served.prefix)
    return ["gunicorn", "--worker-class", "asgi", *prefix, *again, served.app]


def _uvicorn(served: _Served) -> list[str]:
    processes = ["--reload"] if served.reload else ["--workers", str(served.workers)]
    return [
        *("uvicorn", "--uds", served.socket, *processes),
        *("--timeout-graceful-shutdown", str(served.grace), "--no-access-log"),
        # Nobody but the proxy reaches the socket.
        *("--proxy-headers", "--forwarded-allow-ips", "*"),
        *_optional("--root-path", served.prefix),
        *(["--factory"] if served.factory else []),
        served.name,
    ]


def _granian(served: _Served) -> list[str]:
    return [
        *("granian", "--interface", "asgi", "--uds", served.socket, "--uds-permissions", "0777"),
        *("--workers", str(served.workers), "--workers-kill-timeout", str(served.grace)),
        *_optional("--url-path-prefix", served.prefix),
        *(["--factory"] if served.factory else []),
        served.name,
    ]


def _hypercorn(served: _Served) -> list[str]:
    return [
        *("hypercorn", "--bind", f"unix:{served.socket}", "--umask", "0"),
        *("--workers", str(served.workers), "--graceful-timeout", str(served.grace)),
        *_optional("--root-path", served.prefix),
        *(["--reload"] if served.reload else []),
        served.app,
    ]


def _daphne(served: _Served) -> list[str]:
    """Name daphne, which has one process, whatever is asked for."""
    prefix = _optional("--root-path", served.prefix)
    return ["daphne", "-u", served.socket, "--proxy-headers", "-v", "0", *prefix, served.app]


def _optional(option: str, value: str) -> list[str]:
    return [option, value] if value else []


_COMMANDS = {
    "gunicorn": _gunicorn,
    "gunicorn-asgi": _gunicorn_asgi,
    "uvicorn": _uvicorn,
    "granian": _granian,
    "hypercorn": _hypercorn,
    "daphne": _daphne,
}
