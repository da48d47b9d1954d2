"""Finds what differs between the state and the machine, and who would win, from two previews.

Both documents are as `pulumi … --json` and the embedded engine write them: one of a refresh, one of
the update after it.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import asdict

from webstack.cli.daemon.overwritten_images import Tag
from webstack.cli.review.sections import code, fenced, harmless, plain, prose
from webstack.contract import plain_text

_STACK_TYPE = "pulumi:pulumi:Stack"
_DYNAMIC = "pulumi-python:dynamic"
_WIDTH = 100
_REMEDIES = {
    "create": "makes it again",
    "replace": "replaces it",
    "update": "puts it back, without replacing it",
    "delete": "takes it away: the program no longer declares it",
}
_REMOVING = {"Container": "docker rm -f", "Network": "docker network rm"}
"""What is known by an id, so that another may have come to its name."""
_ACCEPTED = "leaves it: the machine wins, and the state takes it in"


class Difference(msgspec.Struct, frozen=True):
    """Holds a property as the state has it and as it is; one is None where it is not set."""

    path: str
    state: Any
    machine: Any

    def __str__(self) -> str:
        if _is_text(self.state) and _is_text(self.machine):
            lines = difflib.unified_diff(
                self.state.splitlines(), self.machine.splitlines(), lineterm="", n=0
            )
            changed = [line for line in list(lines)[2:] if not line.startswith("@@")]
            return "\n".join([f"{self.path}: - state, + machine", *_indented(changed)])
        if (self.path, self.machine) == ("mustRun", False):
            return "it does not run"
        return f"{self.path}: {_short(self.state)} in the state, {_short(self.machine)} in fact"


class Drift(msgspec.Struct, frozen=True):
    """Holds one resource that is not as the state has it."""

    urn: str
    gone: bool
    differences: tuple[Difference, ...]
    remedy: str | None
    name: str = ""
    taken: bool = False
    """Whether something else, made by hand, has the name of what is gone."""
    way_out: str = ""
    """What a person has to do, where no update does it."""

    @property
    def kind(self) -> str:
        """Return the last word of its type."""
        return self.urn.split("::", 3)[2].rpartition("$")[2].rpartition("/")[2].rpartition(":")[2]

    @property
    def may_be_taken(self) -> bool:
        """Tell whether something else may have its name by now."""
        return self.gone and bool(self.name) and self.kind in _REMOVING

    @property
    def title(self) -> str:
        """Return the last word of its type, and its name."""
        return f"{self.kind} {self.urn.split('::', 3)[3]}"

    @property
    def headline(self) -> str:
        """Say what happened to it, and what the next `up --refresh` does about it."""
        what = "is gone" if self.gone else "differs"
        does = _REMEDIES.get(self.remedy or "", _ACCEPTED)
        if self.way_out:
            return f"{self.title} {what}; {self.way_out}"
        if self.taken:
            what = f"is gone, and another has its name: `{_REMOVING[self.kind]} {self.name}`"
            return f"{self.title} {what}, then `webstack up --refresh` {does}"
        return f"{self.title} {what}; `webstack up --refresh` {does}"

    def as_json(self) -> dict[str, Any]:
        """Write it for programs."""
        return {
            "urn": self.urn,
            "change": "gone" if self.gone else "changed",
            "taken": self.taken,
            "properties": [asdict(each) for each in self.differences],
            "remedy": self.remedy or self.way_out or "none",
        }


def of_tag(project: str, stack: str, tag: Tag) -> Drift:
    """Describe a tag that names another image than the one that ran, or none."""
    change = Difference(tag.reference, tag.ran, tag.now)
    urn = f"urn:pulumi:{stack}::{project}::docker:index/image:Image::{tag.name}"
    return Drift(urn, tag.now is None, (change,), None, tag.reference, way_out=tag.way_out)


def drifts(found: Mapping[str, Any], planned: Mapping[str, Any]) -> list[Drift]:
    """Find each drifted resource, with what the update after a refresh would do to it."""
    updates = {step["urn"]: step for step in after_refresh(planned)}
    return [
        Drift(
            urn=step["urn"],
            gone=step["op"] == "delete",
            differences=_differences(step),
            remedy=_remedy(updates.get(step["urn"])),
            name=str(_values(step, "oldState").get("name") or ""),
        )
        for step in (_refreshed(each, updates) for each in before_update(found))
        if step["op"] in ("update", "delete") or _ignored_differences(step)
    ]


def _refreshed(
    step: Mapping[str, Any], updates: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Return the step of a refresh, with what it found.

    Of what a dynamic resource reads, the CLI tells nothing before the update that starts from it.
    """
    now = updates.get(step["urn"], {}).get("oldState")
    if step["op"] != "refresh" or not now or _DYNAMIC not in step["urn"]:
        return step
    read = {**step, "op": "update", "newState": now}
    return read if _differences(read) else step


def after_refresh(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the steps of the update itself, in a document of `preview --refresh`."""
    return _steps(document)[_start_of_update(document) :]


def before_update(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the steps of the refresh: all, in a document of a refresh alone."""
    return _steps(document)[: _start_of_update(document)]


def _start_of_update(document: Mapping[str, Any]) -> int:
    """Find the step of the stack itself, with which a refresh as well as an update begins."""
    steps = _steps(document)
    own = [
        number
        for number, step in enumerate(steps)
        if step["urn"].split("::")[2] == _STACK_TYPE and step["op"] != "refresh"
    ]
    return own[-1] if own else len(steps)


def _steps(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(document.get("steps") or ())


def _remedy(update: Mapping[str, Any] | None) -> str | None:
    return None if update is None or update["op"] == "same" else str(update["op"])


def _differences(step: Mapping[str, Any]) -> tuple[Difference, ...]:
    if step["op"] == "delete":
        return ()
    if step["op"] != "update":
        return tuple(_ignored_differences(step))
    old, new = _values(step, "oldState"), _values(step, "newState")
    paths = [path for path in step.get("detailedDiff") or () if path]
    told = [found for path in paths for found in _leaves(path, _at(old, path), _at(new, path))]
    return (*(told or _compared(step, old, new)), *_ignored_differences(step))


def _compared(
    step: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[Difference]:
    """Find what the provider does not name: every declared property that differs."""
    declared = (step.get("oldState") or {}).get("inputs") or {}
    return [
        found
        for key in sorted(declared)
        if not key.startswith("__")
        for found in _leaves(key, old.get(key), new.get(key))
    ]


def _leaves(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _leaves(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _leaves(f"{path}[{number}]", one, other)
    elif old != new:
        yield Difference(path, old, new)


def _ignored_differences(step: Mapping[str, Any]) -> list[Difference]:
    """Find what an update leaves alone, since the program says so (ignore_changes)."""
    if step["op"] == "delete":
        return []
    old, new = _values(step, "oldState"), _values(step, "newState")
    ignored = (step.get("oldState") or {}).get("ignoreChanges") or ()
    return [
        Difference(f"{path} (ignored)", _at(old, path), _at(new, path))
        for path in ignored
        if _at(old, path) != _at(new, path)
    ]


def _values(step: Mapping[str, Any], state: str) -> dict[str, Any]:
    """Outputs say what is; where they lack something, the inputs do."""
    resource = step.get(state) or {}
    return {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}


def _at(value: Any, path: str) -> Any:
    for key in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(value, Mapping):
            value = value.get(key.strip('"'))
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def as_text(stack: str, found: Sequence[Drift]) -> str:
    """Write it for a terminal."""
    if not found:
        return plain_text.line(f"{stack} is as its state says.")
    lines = [plain_text.line(f"{stack}: {_count(found)} not as the state says.")]
    for drift in found:
        lines += ["", plain_text.line(drift.headline)]
        lines += [f"    {line}" for each in drift.differences for line in _told(each)]
    return "\n".join(lines)


def as_markdown(stack: str, found: Sequence[Drift]) -> str:
    """Write it for an issue, as Markdown."""
    if not found:
        return f"{code(stack)} is as its state says.\n"
    lines = [f"In {code(stack)}, {_count(found)} not as the state says.", ""]
    for drift in found:
        does = prose(drift.headline.removeprefix(f"{drift.title} "))
        lines.append(f"- **{plain(drift.title)}** {does}")
        for each in drift.differences:
            lines += ["", *(f"  {line}" for line in fenced(list(map(harmless, _told(each)))))]
    does = "brings the machine back to what is declared."
    lines += ["", f"{code(f'webstack up {stack} --refresh')} {does}"]
    return "\n".join([*lines, ""])


def _told(difference: Difference) -> list[str]:
    return plain_text.block(str(difference)).split("\n")


def _count(found: Sequence[Drift]) -> str:
    return "1 resource is" if len(found) == 1 else f"{len(found)} resources are"
