"""Reads the logs of the stack's containers, once or for as long as the user watches."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from webstack.cli.daemon.containers import StackOnDocker, part_name, plain_errors
from webstack.cli.daemon.nginx import access_log
from webstack.cli.terminal.log_lines import Line, cut, merged, parse
from webstack.docker.errors import DaemonError


class LogReader:
    """Reads the logs of all containers of a stack, or of some of its services."""

    def __init__(
        self, stack: StackOnDocker, project: str, name: str, services: Iterable[str]
    ) -> None:
        self._api = stack.api
        self._labels = stack.labels
        self._prefix = f"{project}-{name}-"
        self._services = frozenset(services)

    def recent(self, tail: int) -> Iterator[Line]:
        """Give the last lines of each container, in order of time."""
        with plain_errors():
            streams = [self._lines(container, tail=tail) for container in self._containers()]
            if nginx := self._nginx():
                streams.append(iter(access_log.recent(self._api, *nginx, tail)))
        return merged(streams)

    def follow(self, tail: int) -> Iterator[Line]:
        """Give lines as they come, also of containers that start meanwhile."""
        lines: queue.Queue[Line] = queue.Queue()
        with plain_errors():
            events = self._api.events(
                filters={"label": self._labels, "event": "start", "type": "container"}
            )
            for container in self._containers():
                self._attach(container, lines, tail)
        threading.Thread(target=self._await_starts, args=(events, lines), daemon=True).start()
        threading.Thread(target=self._await_requests, args=(lines, tail), daemon=True).start()
        while True:
            yield lines.get()

    def sources(self) -> set[str]:
        """Give the names by which logs can be asked for: services, and roles of the stack's own."""
        with plain_errors():
            listing = self._api.containers(all=True, filters={"label": self._labels})
        return {name for entry in listing for name in _sources(entry["Labels"])}

    def _containers(self) -> list[Mapping[str, Any]]:
        listing = self._api.containers(all=True, filters={"label": self._labels})
        return [
            {"id": entry["Id"], "name": entry["Names"][0].lstrip("/")}
            for entry in listing
            if self._is_wanted(entry["Labels"])
        ]

    def _nginx(self) -> tuple[str, str] | None:
        """Give an nginx that runs, and the source that its lines are of; None without any."""
        running = {"label": self._labels, "status": "running"}
        for entry in self._api.containers(filters=running):
            labels = entry["Labels"]
            if labels.get("webstack.role") == "proxy" and self._is_wanted(labels):
                return entry["Id"], self._source(entry["Names"][0].lstrip("/"))
        return None

    def _source(self, container: str) -> str:
        return container.removeprefix(self._prefix)

    def _is_wanted(self, labels: Mapping[str, str]) -> bool:
        return not self._services or bool(self._services & _sources(labels))

    def _lines(self, container: Mapping[str, Any], **options: Any) -> Iterator[Line]:
        source = self._source(container["name"])
        raw = self._api.logs(container["id"], timestamps=True, **options)
        return iter(sorted(parse(source, line) for line in cut([raw])))

    def _attach(
        self, container: Mapping[str, Any], lines: queue.Queue[Line], tail: int | str
    ) -> None:
        source = self._source(container["name"])

        def read() -> None:
            stream = self._api.logs(
                container["id"], timestamps=True, stream=True, follow=True, tail=tail
            )
            for line in cut(stream):
                lines.put(parse(source, line))

        threading.Thread(target=_quietly(read), daemon=True).start()

    def _await_starts(self, events: Iterable[Mapping[str, Any]], lines: queue.Queue[Line]) -> None:
        def watch() -> None:
            for event in events:
                attributes = event["Actor"]["Attributes"]
                if self._is_wanted(attributes):
                    container = {"id": event["Actor"]["ID"], "name": attributes["name"]}
                    self._attach(container, lines, "all")

        _quietly(watch)()

    def _await_requests(self, lines: queue.Queue[Line], tail: int) -> None:
        def watch() -> None:
            for line in access_log.follow(self._api, self._nginx, tail):
                lines.put(line)

        _quietly(watch)()


def _quietly(work: Any) -> Any:
    """Let a thread end when its container, or the daemon, has gone."""

    def run() -> None:
        try:
            work()
        except DaemonError:
            return

    return run


def _sources(labels: Mapping[str, str]) -> set[str]:
    """Return by what its logs are asked for: its service, and its role's name in the stack."""
    return {labels.get("webstack.service") or labels.get("webstack.role", ""), part_name(labels)}
