"""Describes what the proxy serves: services with their routes, checked when created."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from proxy.edge.values import Tls
from proxy.paths import PORT
from webstack.contract.static_paths import STATIC_PATH

RESERVED_PATH = "/.webstack"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,61}[a-z0-9]|[a-z]")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SOURCE = re.compile(r"(/[A-Za-z0-9._~%-]+)+(/\*?)?")
_TARGET = re.compile(r"(https?://[A-Za-z0-9.:-]+)?/(?![/\\])[A-Za-z0-9._~!&'()*+,=:@%/?#-]*")
_REDIRECT_STATUSES = (301, 302, 303, 307, 308)
_MAX_HOST = 253
_MAX_REPLICAS = 64
_MAX_BODY_MIB = 10240
_MIN_SPOOL_MIB = 128
_MAX_SPOOL_MIB = 1 << 20


class RouteError(ValueError):
    """Reports a site that cannot be served as it is described. The message is one line."""


@dataclass(frozen=True)
class Redirect:
    """Sends one address on: ``/old`` to ``/new``, or ``/old/*`` with all below it to ``/new/*``.

    A target may be an address of another host: ``https://example.org/new``.
    """

    source: str
    target: str
    status: int = 308

    def __post_init__(self) -> None:
        what = f"redirect {self.source!r}"
        if not _SOURCE.fullmatch(self.source) or {".", ".."} & set(self.source.split("/")):
            raise RouteError(f"{what}: expected a path such as /old, or /old/* for all below it")
        if not _TARGET.fullmatch(self.target):
            raise RouteError(f"{what}: {self.target!r} is neither a path nor an http address")
        if self.target.endswith("/*") and not self.source.endswith("/*"):
            raise RouteError(f"{what}: {self.target!r} ends with /*, so the source has to as well")
        if self.status not in _REDIRECT_STATUSES:
            raise RouteError(f"{what}: status {self.status} is none of 301, 302, 303, 307, 308")


@dataclass(frozen=True)
class Media:
    """Names files that a service writes: their path below the service, their folder in nginx."""

    path: str
    folder: str


@dataclass(frozen=True)
class Cache:
    """Keeps answers of a service: for ``time`` seconds if it does not say how long itself.

    ``vary`` names the headers of clients that answers depend on, ``bypass`` the cookies by which
    somebody is known: without any, all. ``memory`` is in MiB. ``never`` are
    paths of the service that are always asked anew, such as that of its health.
    """

    time: int = 0
    stale: bool = True
    vary: tuple[str, ...] = ()
    bypass: tuple[str, ...] = ()
    memory: int = 64
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rate:
    """Says how often one client may ask: ``requests`` a second, and ``burst`` more at once."""

    requests: int
    burst: int = 0


@dataclass(frozen=True)
class RoutedService:
    """Describes one service as the proxy sees it.

    ``path`` is its place on the site's hosts: "/" or "/django", without a slash at the end.
    ``hosts`` are names of its own, where it is served at "/". A service has one or both.
    ``timeout`` is how many seconds it may take to answer, ``body_limit`` the largest request
    body in MiB. It has ``static`` files or none, and they are at its ``static_paths``. ``spool`` is
    how many MiB of disk may be taken by bodies and answers of slow clients, ``threads`` how many
    requests all replicas together work on at a time.

    ``strip_prefix`` is for one that does not know its path: it gets addresses without it, and what
    its answers name is put below it. With ``scope_cookies`` cookies for the whole host are put
    below the path. ``redirects`` lie below it, too. ``server_words`` and ``location_words`` are
    directives of the project's own, for its hosts and for wherever it is passed requests. With a
    ``cache`` its answers are kept. ``rate`` limits each client, and
    ``connections`` how many requests it has under way (0: any). With ``login`` nobody is let in
    without a name and password. With ``allow`` only these networks
    are let in, with ``deny`` all but these; the narrowest decides. ``headers`` are said in place of
    its own and of the usual ones.
    """

    name: str
    replicas: int = 1
    path: str | None = None
    hosts: tuple[str, ...] = ()
    static: bool = False
    static_paths: tuple[str, ...] = (STATIC_PATH,)
    timeout: int = 30
    body_limit: int = 10
    spool: int = 2048
    threads: int = 8
    strip_prefix: bool = False
    scope_cookies: bool = True
    redirects: tuple[Redirect, ...] = ()
    media: tuple[Media, ...] = ()
    server_words: str = ""
    location_words: str = ""
    cache: Cache | None = None
    rate: Rate | None = None
    connections: int = 0
    login: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise RouteError(
                f"service name {self.name!r}: small letters, digits and dashes only, a letter first"
            )
        if self.path is None and not self.hosts:
            raise RouteError(f"service {self.name}: needs a path or a host of its own")
        if self.path is not None:
            _check_path(self.name, self.path)
        for host in self.hosts:
            _check_host(f"service {self.name}", host)
        _check_range(f"service {self.name}: replicas", self.replicas, 1, _MAX_REPLICAS)
        _check_range(f"service {self.name}: timeout", self.timeout, 1, 86400)
        _check_range(f"service {self.name}: body_limit", self.body_limit, 1, _MAX_BODY_MIB)
        spool = f"service {self.name}: spool"
        _check_range(spool, self.spool, _MIN_SPOOL_MIB, _MAX_SPOOL_MIB)
        _check_range(f"service {self.name}: threads", self.threads, 1, 1 << 20)
        sources = ((each.source, f"service {self.name}") for each in self.redirects)
        _check_unique("redirect", sources)
        for path in self.static_paths:
            if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
                raise RouteError(f"service {self.name}: static files at {path!r}, which is no path")

    @property
    def identifier(self) -> str:
        """Return the name as a part of names of variables, which have no dashes."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """Return the path as the start of addresses: "" for "/", else the path itself."""
        return "" if self.path in (None, "/") else str(self.path)


@dataclass(frozen=True)
class Site:
    """Describes everything behind one proxy. Without services every request gets a 503.

    ``hosts`` are the names on which services are told apart by path; one may begin with ``*.``, for
    all names below it. ``workers`` is the number
    of nginx processes. ``stream_timeout`` is how many seconds a WebSocket or event stream may be
    silent, and how long it outlives a reload. ``redirect_hosts`` are names that send every address
    to another name, ``redirects`` single addresses on the site's hosts that are sent on.
    ``http_words`` and ``server_words`` are directives of the project's own, for all servers. With
    ``tls`` clients come by HTTPS. Unless ``indexed``, search engines are asked to leave all out;
    without ``source_maps`` static files that tell the sources are not served. ``trusted`` are
    networks of proxies that say whom they ask for. Requests are ``counted`` where something reads
    what nginx tells of them.
    """

    hosts: tuple[str, ...] = ()
    backends: tuple[RoutedService, ...] = ()
    listen: int = PORT
    workers: int = 2
    stream_timeout: int = 3600
    redirect_hosts: tuple[tuple[str, str], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    http_words: str = ""
    server_words: str = ""
    tls: Tls | None = None
    indexed: bool = True
    source_maps: bool = True
    trusted: tuple[str, ...] = ()
    counted: bool = False

    def __post_init__(self) -> None:
        for host in (*self.hosts, *(name for pair in self.redirect_hosts for name in pair)):
            _check_host("the site", host)
        _check_range("listen", self.listen, 1, 65535)
        _check_range("workers", self.workers, 1, 256)
        _check_range("stream_timeout", self.stream_timeout, 1, 86400)
        _check_unique("service name", ((backend.name, backend.name) for backend in self.backends))
        _check_unique("path", ((b.path, b.name) for b in self.backends if b.path is not None))
        _check_unique("host", self._host_owners())
        if not self.hosts and any(backend.path for backend in self.backends):
            raise RouteError("the site has no host names, so no service can be reached by its path")
        _check_static_paths(self.backends)
        _check_unique("path", self._address_owners())
        _check_redirect_hosts(self.redirect_hosts)

    def _address_owners(self) -> Iterator[tuple[str, str]]:
        """Give what has a location of its own on the site's hosts."""
        yield from ((each.source.removesuffix("/*"), "a redirect") for each in self.redirects)
        for backend in self.backends:
            if backend.path is not None:
                yield backend.prefix, backend.name
                for each in backend.redirects:
                    source = each.source.removesuffix("/*")
                    yield f"{backend.prefix}{source}", f"a redirect of {backend.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return all host names that are served, in order."""
        return tuple(sorted(host for host, _ in self._host_owners()))

    def _host_owners(self) -> Iterator[tuple[str, str]]:
        yield from ((host, "the site") for host in self.hosts)
        yield from ((host, "a redirect") for host, _ in self.redirect_hosts)
        yield from ((host, backend.name) for backend in self.backends for host in backend.hosts)


def _check_path(service: str, path: str) -> None:
    if path == "/":
        return
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise RouteError(
            f"service {service}: path {path!r} must be / or like /name, without a slash at the end"
        )
    if path == RESERVED_PATH or path.startswith(f"{RESERVED_PATH}/"):
        raise RouteError(f"service {service}: paths under {RESERVED_PATH} belong to the proxy")


def _check_host(owner: str, host: str) -> None:
    """Raise RouteError unless it is a host's name, or all names below one: ``*.example.org``."""
    labels = host.removeprefix("*.").split(".")
    if len(host) > _MAX_HOST or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise RouteError(f"{owner}: {host!r} is no host name in small letters without a port")


def _check_redirect_hosts(pairs: tuple[tuple[str, str], ...]) -> None:
    sources = {source for source, _ in pairs}
    for source, target in pairs:
        if target.startswith("*"):
            raise RouteError(f"redirect host {source}: {target} stands for many, name one of them")
        if target in sources:
            raise RouteError(f"redirect host {source}: {target} sends on itself, name where to")


def _check_range(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise RouteError(f"{what} must be from {low} to {high}, not {value}")


def _check_unique(what: str, owned: Iterator[tuple[str, str]]) -> None:
    owners: dict[str, str] = {}
    for key, owner in owned:
        if key in owners:
            raise RouteError(f"{what} {key} is taken twice: by {owners[key]} and {owner}")
        owners[key] = owner


def _check_static_paths(backends: tuple[RoutedService, ...]) -> None:
    routed = [backend for backend in backends if backend.path is not None]
    for one, other in combinations(routed, 2):
        for owner, route in ((one, other), (other, one)):
            for path in owner.static_paths if owner.static else ():
                if route.path == f"{owner.prefix}{path}":
                    raise RouteError(
                        f"path {route.path} of {route.name} hides the static files of {owner.name}"
                    )
            for media in owner.media:
                if route.path == f"{owner.prefix}{media.path}":
                    raise RouteError(
                        f"path {route.path} of {route.name} hides the media of {owner.name}"
                    )
