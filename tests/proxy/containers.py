"""Run real containers for the proxy's tests: a holder, nginx, services on unix sockets."""

import importlib.util
import io
import tarfile
import uuid
from pathlib import Path

import docker
from docker.models.containers import Container
from docker.types import DriverConfig, Mount

from proxy import Site, hold, paths, render
from tests import bases

DESK, TLS_DESK = paths.handoff_socket(8080), paths.handoff_socket(8443)
PYTHON = bases.NAMES.python
PROXY_UID, SERVICE_UID = 10100, 10200
UPSTREAM = Path(__file__).with_name("upstream.py")
WSGI = Path(__file__).with_name("wsgi.py")
HARDENED = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "detach": True,
}


class Town:
    """The containers and volumes of one test, under one prefix, taken away at the end."""

    def __init__(self, client: docker.DockerClient, image: str) -> None:
        self.client = client
        self.image = image
        self.prefix = f"wsprox-{uuid.uuid4().hex[:8]}"
        self.containers: list[Container] = []

    def holder(self, *, tls: bool = False, published: bool = False) -> Container:
        """Start a holder, which owns a listening socket and lends it."""
        code = Path(hold.__file__).read_text()
        desk, port = (TLS_DESK, paths.TLS_PORT) if tls else (DESK, paths.PORT)
        return self._run(
            "tls-holder" if tls else "holder",
            PYTHON,
            ["python3", "-c", code, desk, str(port)],
            user=f"{PROXY_UID}:{PROXY_UID}",
            mounts=[self.front()],
            ports={f"{port}/tcp": ("127.0.0.1", None)} if published else {},
        )

    def nginx(
        self, site: Site, name: str = "nginx", spool: Mount | None = None, **options
    ) -> Container:
        """Run nginx, without a network, on the holder's socket."""
        volumes = [
            self._mount("etc", paths.CONFIGURATION_DIRECTORY),
            self._mount("links", paths.LINKS_DIRECTORY),
            self._mount("static", paths.STATIC_DIRECTORY),
            spool or self._mount("spool", paths.SPOOL_DIRECTORY),
            self._mount("log", paths.LOG_DIRECTORY),
            self.front(read_only=True),
            *([self._mount("certificates", paths.CERTIFICATES_DIRECTORY)] if site.tls else []),
        ]
        kept = {each.name: each.cache.memory for each in site.backends if each.cache}
        caches = {paths.cache(name): f"size={size}m" for name, size in kept.items()}
        sockets = [self._sockets(b.name, paths.sockets(b.name), True) for b in site.backends]
        container = self._run(
            name,
            self.image,
            None,
            mounts=[*volumes, *sockets],
            environment={"WEBSTACK_DESK": f"{DESK} {TLS_DESK}" if site.tls else DESK},
            network_mode="none",
            tmpfs={
                **{"/tmp": "", paths.RUNTIME_DIRECTORY: "size=64m", paths.REQUESTS_DIRECTORY: ""},
                **caches,
            },
            **options,
        )
        probe = f"{paths.HEALTH_SOCKET} {paths.HEALTH_PATH} localhost 10"
        run(container, f"webstack-probe {probe}")
        return container

    def configure(self, nginx: Container, site: Site, reload: str = "webstack-reload") -> None:
        """Put a configuration in place, checked first, and take it into use."""
        draft = f"{paths.CONFIGURATION}.next"
        put(nginx, draft, render(site).encode())
        run(nginx, f"nginx -q -t -c {draft} && mv {draft} {paths.CONFIGURATION} && {reload}")

    def service(
        self, name: str, replica: int = 0, release: str = "one", group: int = SERVICE_UID
    ) -> Container:
        """Start a service on a socket that its release names."""
        socket = f"/run/webstack/{release}-{replica}.sock"
        container = self.client.containers.create(
            PYTHON,
            ["python3", "/tmp/upstream.py", f"{name}-{replica}-{release}", socket],
            name=f"{self.prefix}-{name}-{replica}-{release}",
            user=f"{SERVICE_UID}:{group}",
            network_mode="none",
            mounts=[self._sockets(name, "/run/webstack", False)],
        )
        self.containers.append(container)
        put(container, "/tmp/upstream.py", UPSTREAM.read_bytes())
        container.start()
        return container

    def gunicorn(self, name: str) -> Container:
        """Start two workers with four threads each, the packages taken from this environment."""
        options = "--worker-class gthread --workers 2 --threads 4 --no-control-socket"
        address = "unix:/run/webstack/one-0.sock"
        container = self.client.containers.create(
            PYTHON,
            ["python3", "-m", "gunicorn", *options.split(), "--bind", address, "wsgi:app"],
            name=f"{self.prefix}-{name}",
            user=f"{SERVICE_UID}:{SERVICE_UID}",
            working_dir="/tmp",
            network_mode="none",
            mounts=[self._sockets(name, "/run/webstack", False)],
        )
        self.containers.append(container)
        put(container, "/tmp/wsgi.py", WSGI.read_bytes())
        for package in ("gunicorn", "packaging"):
            container.put_archive("/tmp", packed(package))
        container.start()
        return container

    def small_spool(self) -> Mount:
        """Give a place for bodies and answers that is full after one MiB."""
        return self._memory("small", paths.SPOOL_DIRECTORY, PROXY_UID, more=",size=1m")

    def switch(self, nginx: Container, name: str, replica: int = 0, release: str = "one") -> None:
        """Wait for a release's socket to answer, then point the link at it."""
        socket = f"{paths.sockets(name)}/{release}-{replica}.sock"
        link = paths.link(name, replica)
        run(nginx, f"webstack-probe {socket} / localhost 10")
        run(nginx, f"ln -s {socket} {link}.next")
        run(nginx, f"mv -T {link}.next {link}")
        held = f"[ {paths.upstream(name, replica)} -ef {socket} ]"
        run(nginx, f"until {held}; do sleep 0.02; done")

    def serving(self, site: Site, spool: Mount | None = None) -> Container:
        """Start a holder, nginx and all replicas of a site's services; gives nginx."""
        self.holder()
        nginx = self.nginx(site, spool=spool)
        for backend in site.backends:
            for replica in range(backend.replicas):
                self.service(backend.name, replica)
                self.switch(nginx, backend.name, replica)
        self.configure(nginx, site)
        return nginx

    def front(self, read_only: bool = False) -> Mount:
        """Give the mount of the folder in which the holder lends its socket."""
        return self._memory("front", paths.FRONT_DIRECTORY, PROXY_UID, read_only)

    def address(self, *, tls: bool = False) -> str:
        """Give the address of a holder on the bridge, which needs no published port."""
        name = "tls-holder" if tls else "holder"
        holder = self.client.containers.get(f"{self.prefix}-{name}")
        return str(holder.attrs["NetworkSettings"]["IPAddress"])

    def clear(self) -> None:
        """Take everything away."""
        for container in reversed(self.containers):
            container.remove(force=True, v=True)
        for volume in self.client.volumes.list(filters={"name": self.prefix}):
            volume.remove(force=True)

    def _run(self, name: str, image: str, command: list[str] | None, **options) -> Container:
        container = self.client.containers.run(
            image, command, name=f"{self.prefix}-{name}", **HARDENED, **options
        )
        self.containers.append(container)
        return container

    def _mount(self, name: str, target: str) -> Mount:
        return Mount(target, f"{self.prefix}-{name}", type="volume")

    def _sockets(self, service: str, target: str, read_only: bool) -> Mount:
        return self._memory(f"sockets-{service}", target, SERVICE_UID, read_only)

    def _memory(
        self, name: str, target: str, owner: int, read_only: bool = False, more: str = ""
    ) -> Mount:
        owned = f"uid={owner},gid={owner},mode=0755{more}"
        options = {"type": "tmpfs", "device": "tmpfs", "o": owned}
        return Mount(
            target,
            f"{self.prefix}-{name}",
            type="volume",
            read_only=read_only,
            driver_config=DriverConfig("local", options),
        )


def packed(package: str) -> bytes:
    """Give an archive of a package of this environment, which has only Python files."""
    archive = io.BytesIO()
    folder = importlib.util.find_spec(package).submodule_search_locations[0]
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, package)
    return archive.getvalue()


def put(container: Container, path: str, content: bytes, mode: int = 0o644) -> None:
    """Write a file into a container."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo(Path(path).name)
        member.size, member.mode, member.uid, member.gid = len(content), mode, 10100, 10100
        tar.addfile(member, io.BytesIO(content))
    container.put_archive(str(Path(path).parent), archive.getvalue())


def run(container: Container, command: str) -> str:
    """Run a command in a container; a failure is an error with the command's output."""
    code, output = container.exec_run(["sh", "-c", command])
    assert code == 0, f"{command}: {output.decode()}"
    return output.decode()
