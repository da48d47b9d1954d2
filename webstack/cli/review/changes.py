"""Writes a line for each resource that changes: what is done to it, and why."""

from __future__ import annotations

from collections.abc import Iterator

from webstack.cli.review.containers import predecessors, role, service
from webstack.cli.review.data_loss import lost_volumes
from webstack.cli.review.document import Document, Step
from webstack.cli.review.images import IMAGE, image_changes
from webstack.cli.review.model import Change, Difference, SettingChanges
from webstack.cli.review.values import SECRET, differences

_SETTINGS = {"webstack:service:WebService", "webstack:proxy:ReverseProxy"}
_CONFIGURATION = "configuration"
# Told at length in sections of their own.
_ELSEWHERE = frozenset({_CONFIGURATION, "files"})
_ORDER = (
    "BaseImages",
    "Network",
    "WebService",
    "ReverseProxy",
    "ServiceImage",
    "Image",
    "Volume",
    "GeneratedSecret",
    "Container",
    "Release",
)


def changes(document: Document) -> tuple[Change, ...]:
    """List the changes by kind and name, deletions last."""
    causes = _Causes(document)
    return tuple(
        Change(step.op, step.kind, step.name, causes.of(step), causes.differences(step))
        for step in sorted(document.changes, key=_place)
    )


def setting_changes(document: Document) -> Iterator[SettingChanges]:
    """Settings of services and proxy that were there before, and are others now."""
    for step in document.changes:
        if step.type in _SETTINGS and step.before:
            found = differences(step.before, step.after)
            if found and step.new:
                yield SettingChanges(step.name, found)


class _Causes:
    """Finds why steps are taken: one is often the consequence of another."""

    def __init__(self, document: Document) -> None:
        self._follows = predecessors(document.changes)
        self._followed = {old.urn: new for new, old in self._pairs(document)}
        self._settings = {item.subject: item for item in setting_changes(document)}
        self._images = {item.name: item for item in image_changes(document)}
        self._lost = lost_volumes(document)

    def _pairs(self, document: Document) -> Iterator[tuple[Step, Step]]:
        for step in document.changes:
            if step.urn in self._follows:
                yield step, self._follows[step.urn]

    def differences(self, step: Step) -> tuple[Difference, ...]:
        """List what is not as it was, also where a container has another name for it.

        Settings and files of images are told in sections of their own.
        """
        if step.old and (step.type in _SETTINGS or step.type == IMAGE):
            return ()
        before = self._follows[step.urn].before if step.urn in self._follows else step.before
        return differences(before, step.after, _ELSEWHERE) if step.new else ()

    def of(self, step: Step) -> str:
        """Give the reason in a few words."""
        if step.urn in self._followed:
            return f"{self._followed[step.urn].name} takes its place"
        if step.urn in self._lost:
            return self._of_lost(step)
        if step.op == "delete":
            return "no longer declared"
        if step.urn in self._follows:
            return f"for {self._follows[step.urn].name}: {self._of_container(step)}"
        if step.op == "create":
            return self._of_settings(service(step)) if role(step) == "service" else "new"
        return self._in_words(step)

    def _of_lost(self, step: Step) -> str:
        if not step.new:
            return "no longer declared, but it holds data"
        return f"made anew, but it holds data: {self._in_words(step)}"

    def _of_container(self, step: Step) -> str:
        name = service(step) or "proxy"
        said = [self._of_settings(name)] if name in self._settings else []
        if name in self._images:
            said.insert(0, "new image")
        return ", ".join(said) or ", ".join(_telling(self.differences(step))) or "a new release"

    def _of_settings(self, subject: str) -> str:
        if subject not in self._settings:
            return "new"
        return ", ".join(item.path for item in self._settings[subject].differences)

    def _in_words(self, step: Step) -> str:
        if step.type in _SETTINGS:
            return self._of_settings(step.name)
        if step.type == IMAGE and step.name in self._images:
            count = self._images[step.name].count
            return f"{count} file{'' if count == 1 else 's'}" if count else "arguments of its build"
        found = self.differences(step)
        names = _telling(found)
        if step.before.get(_CONFIGURATION) != step.after.get(_CONFIGURATION):
            names.append(_CONFIGURATION)
        sealed = SECRET in (*step.before.values(), *step.after.values())
        return ", ".join(names or _tops(found)) or ("a secret" if sealed else "not as it was")


def _telling(found: tuple[Difference, ...]) -> list[str]:
    """Return the properties that differ for a reason, not only as the name that follows from it."""
    return [name for name in _tops(found) if name not in ("name", "labels")]


def _tops(found: tuple[Difference, ...]) -> list[str]:
    return list(dict.fromkeys(item.path.partition(".")[0].partition("[")[0] for item in found))


def _place(step: Step) -> tuple[bool, int, str]:
    kind = _ORDER.index(step.kind) if step.kind in _ORDER else len(_ORDER)
    return step.op == "delete", kind, step.name
