"""Actions of a release on containers, over the Docker daemon's API."""

from __future__ import annotations

import contextlib
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from infra.daemon import static_copy
from infra.daemon.client import connect
from infra.daemon.failures import ContainerError, daemon_failure
from infra.daemon.following import Following
from infra.daemon.status import ContainerStatus
from webstack.contract import plain_text
from webstack.docker import archives
from webstack.docker.container_folder import ContainerFolder, read_folder
from webstack.docker.errors import DaemonError, NotFoundError

_WIDTH = 2000
"""Characters that are shown of a line: a program may never end one."""
_END = "\x04"
_ENDED = '"$@" && printf %s "$0"'
_TRIES = 5
_VOLUME = "/volume"
_DIGESTS = 'cd "$1" 2>/dev/null || exit 0; find . -type f -exec sha256sum {} +'


class Containers:
    """The containers of one Docker daemon; every method may raise ContainerError."""

    def __init__(self, api: Any) -> None:
        self._api = api

    @classmethod
    def of_environment(cls) -> Containers:
        """Connect to the daemon that ``DOCKER_HOST`` names, or the default one."""
        with _explained("the Docker daemon"):
            return cls(connect(timeout=120))

    def status(self, name: str) -> ContainerStatus:
        """Tell the present status of the container."""
        with _explained(name):
            found = self._api.inspect_container(name)
        return ContainerStatus(found["State"]["Status"], found["RestartCount"])

    def inspected(self, name: str) -> dict[str, Any]:
        """Give all that the daemon knows of the container."""
        with _explained(name):
            return dict(self._api.inspect_container(name))

    def exit_code(self, name: str) -> int | None:
        """Give the code of the container's last exit; None where the daemon no longer knows it.

        A container that was started again has no such code any more. Then the daemon's events tell
        it.
        """
        with _explained(name):
            state = self._api.inspect_container(name)["State"]
            if state["Status"] != "running":
                return int(state["ExitCode"])
            ended = _seconds(state["FinishedAt"])
            filters = {"container": name, "event": "die"}
            with contextlib.closing(
                self._api.events(since=ended, until=ended + 2, filters=filters)
            ) as events:
                codes = (int(event["Actor"]["Attributes"]["exitCode"]) for event in events)
                return next(codes, None)

    def image_id(self, name: str) -> str:
        """Give the id of the image that the container was made of, whatever has its tag by now."""
        with _explained(name):
            return str(self._api.inspect_container(name)["Image"])

    def start(self, name: str) -> None:
        """Start the container; if it runs already, it goes on running."""
        with _explained(name):
            self._api.start(name)

    def stop(self, name: str, grace: int = 5) -> None:
        """Stop the container within ``grace`` seconds, so that Docker does not start it again."""
        with _explained(name):
            self._api.stop(name, timeout=grace)

    def running(self, labels: Mapping[str, str]) -> list[str]:
        """Give the names of the running containers that have all these labels."""
        wanted = [f"{label}={value}" for label, value in labels.items()]
        with _explained("the Docker daemon"):
            listed = self._api.containers(filters={"label": wanted})
        return [entry["Names"][0].lstrip("/") for entry in listed]

    def limit_processes(self, name: str, limit: int) -> None:
        """Limit the processes and threads of the container (the provider has no such property)."""
        with _explained(name):
            if self._api.inspect_container(name)["HostConfig"]["PidsLimit"] == limit:
                return
            self._api.limit_processes(name, limit)

    def last_lines(self, name: str, count: int = 50) -> str:
        """Give the last lines of the container's log, indented; empty where it wrote nothing.

        gunicorn adds some thirty lines of its own to the error of a worker.
        """
        with _explained(name):
            text: bytes = self._api.logs(name, tail=count)
        return _indented(text.decode(errors="replace"))

    def run(self, name: str, *command: str) -> str:
        """Run a command in the container and give its output.

        Raises ContainerError unless it exits 0.
        """
        return self._output(name, command[0], command)

    def begin(self, name: str, *command: str) -> None:
        """Start a command in the container and wait for nothing."""
        with _explained(name):
            self._api.exec_start(self._api.exec_create(name, list(command))["Id"], detach=True)

    @contextlib.contextmanager
    def following(
        self, name: str, *command: str, environment: Mapping[str, str] | None = None
    ) -> Iterator[Following]:
        """Run a command in the container and follow its output while it runs.

        It has variables of its own beside those of the container. It ends when the context ends.
        """
        with _explained(name):
            running = Following(self._api, name, command, environment)
            try:
                yield running
            finally:
                running.close()

    def read(self, name: str, *command: str) -> str:
        """Run a command that only looks, and give all of its output.

        Docker may lose output of a quick command and report success all the same
        (https://github.com/moby/moby/issues/27289). So a command whose output comes without an end
        is run again. Raises ContainerError as `run` does, or where Docker loses the output every
        time.
        """
        for _ in range(_TRIES):
            output = self._output(name, command[0], ("sh", "-c", _ENDED, _END, *command))
            if output.endswith(_END):
                return output.removesuffix(_END)
        raise ContainerError(
            f"Docker lost the output of {command[0]} in {name}, {_TRIES} times in a row; try again"
        )

    def _output(self, name: str, title: str, command: tuple[str, ...]) -> str:
        with _explained(name):
            job = self._api.exec_create(name, list(command))["Id"]
            output = self._api.exec_start(job).decode(errors="replace")
            code = self._api.exec_inspect(job)["ExitCode"]
        if code != 0:
            raise ContainerError(
                f"{title} failed in {name} (exit code {code})\n{_indented(output)}"
            )
        return str(output)

    def copy_folder(
        self, source: str, folder: str, target: str, parent: str, name: str, *, strict: bool = True
    ) -> tuple[str, ...]:
        """Copy a folder of one container into another, as ``parent/name``, readable by all.

        Files that are there already with the same content are left alone. Gives the names of the
        folder's files, relative to it. Raises StaticError too (`static_copy`). ``strict`` is for
        files that have not gone live before.
        """
        with _explained(source), archives.spooled() as packed:
            for chunk in self._archive(source, folder):
                packed.write(chunk)
            packed.seek(0)
            there = self._digests(target, f"{parent}/{name}")
            with tarfile.open(fileobj=packed) as archive:
                files = list(static_copy.files_in(archive, strict=strict))
                wanted = static_copy.to_put(files, there, strict=strict)
                if wanted:
                    with _repacked(archive, wanted, name) as repacked:
                        self._put(target, parent, repacked)
        return tuple(sorted(file.name for file in files))

    def _digests(self, name: str, folder: str) -> dict[str, str]:
        """Give the SHA-256 of each file below a folder; none where it is not there."""
        lines = self.read(name, "sh", "-c", _DIGESTS, "digests", folder).splitlines()
        return {line[66:].removeprefix("./"): line[:64] for line in lines}

    def _archive(self, name: str, folder: str) -> Iterator[bytes]:
        """Read a folder of a container; the daemon gives the same error if either is gone."""
        self._api.inspect_container(name)
        try:
            stream, _ = self._api.get_archive(name, folder)
        except NotFoundError:
            raise ContainerError(
                f"{name} has no folder {folder}, which the setting static names; "
                "let the image make it, or correct the setting"
            ) from None
        found: Iterator[bytes] = stream
        return found

    def folder(self, name: str, path: str) -> ContainerFolder | None:
        """Describe a folder of the container, whether that runs or not; give None for no folder."""
        with _explained(name):
            try:
                return read_folder(self._api, name, path)
            except tarfile.TarError:
                return None

    def copy_of_image(
        self, image: str, folder: str, target: str, parent: str, name: str
    ) -> tuple[str, ...]:
        """Copy a folder of an image as `copy_folder` does without ``strict``.

        The folder is read from a container that is never started.
        """
        with _explained(image):
            made = self._api.create_container(image, command=["true"], network_disabled=True)["Id"]
        try:
            return self.copy_folder(made, folder, target, parent, name, strict=False)
        finally:
            with _explained(image):
                self._api.remove_container(made, force=True)

    def give(self, volume: str, user: int, tools: str) -> None:
        """Make a user the owner of a volume and of all in it.

        A container does that for a moment. It has the image of the container ``tools``.
        """
        with _explained(tools):
            image = str(self._api.inspect_container(tools)["Image"])
        self.give_by(image, volume, user)

    def give_by(self, image: str, volume: str, user: int) -> None:
        """Do as `give` does, with an image that has `chown`."""
        with _explained(volume):
            host = self._api.create_host_config(
                binds=[f"{volume}:{_VOLUME}:nocopy"], network_mode="none"
            )
            command = ["chown", "-R", f"{user}:{user}", _VOLUME]
            made = self._api.create_container(image, command, user="0", host_config=host)["Id"]
            try:
                self._api.start(made)
                code = self._api.wait(made)["StatusCode"]
            finally:
                self._api.remove_container(made, force=True)
        if code:
            raise ContainerError(f"the volume {volume} cannot be given to user {user}")

    def write_file(self, name: str, folder: str, file: str, text: str) -> None:
        """Write a text file into a folder of the container that is a volume."""
        self._put(name, folder, archives.of_bytes({file: text.encode()}))

    def write_secret(self, name: str, path: str, content: bytes, *, owner: int) -> None:
        """Put a file that only ``owner`` may read into a volume of the container, in one rename."""
        folder, _, file = path.rpartition("/")
        packed = archives.of_bytes({f"{file}.next": content}, mode=0o400, owner=owner)
        self._put(name, folder, packed)
        self.run(name, "mv", "-T", f"{path}.next", path)

    def _put(self, name: str, folder: str, packed: IO[bytes] | bytes) -> None:
        with _explained(name):
            self._api.put_archive(name, folder, packed)


def _seconds(moment: str) -> int:
    """Read a moment as Docker writes it, in whole seconds since the epoch."""
    return int(datetime.fromisoformat(f"{moment[:19]}+00:00").timestamp())


@contextlib.contextmanager
def _repacked(
    archive: tarfile.TarFile, files: Sequence[static_copy.StaticFile], folder: str
) -> Iterator[IO[bytes]]:
    """Pack these files of an archive into another, in a folder, owned by root."""
    with archives.spooled() as target:
        entries = (
            (
                archives.header(f"{folder}/{file.name}", file.size, time=file.time),
                archive.extractfile(file.member),
            )
            for file in files
        )
        archives.write(target, entries)
        yield target


def _indented(text: str) -> str:
    """Indent lines below a message of ours, as far as somebody would read them."""
    return "\n".join(
        f"    {line[:_WIDTH]}{'…' if len(line) > _WIDTH else ''}" for line in plain_text.lines(text)
    )


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except NotFoundError:
        raise ContainerError(
            f"{what} is gone; run `webstack refresh` and then `webstack up` to make it again"
        ) from None
    except (DaemonError, OSError) as error:
        raise ContainerError(f"{what}: {daemon_failure(error)}") from None
