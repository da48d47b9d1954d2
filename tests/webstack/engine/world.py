"""A provider whose world is a folder: one file per thing, so that several processes share it.

A thing's inputs steer its behaviour: a change of ``fixed`` replaces it, ``first`` makes that delete
first, ``fail`` refuses every change, ``half`` makes it and then fails, ``slow`` takes that many
seconds. Two things cannot have one name at the same time, as with containers.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from webstack.engine.model.provider import (
    UNKNOWN,
    Diff,
    Instance,
    PartialFailure,
    PropertyChange,
    ProviderError,
)
from webstack.engine.planning.plan import compare

_REPLACING = {"fixed", "name"}


class World:
    """Serves ``fake:index:Thing``; ``point`` is called before and after every real change."""

    def __init__(self, folder: Path, point: Callable[[str], None] = lambda _where: None) -> None:
        self.folder = folder
        self.point = point
        self.calls: list[str] = []
        self.running = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    # ---- for tests

    def things(self) -> dict[str, dict[str, Any]]:
        """Give all things by name, without their identity."""
        found = {}
        for _path, thing in self._all():
            assert thing["name"] not in found, f"{thing['name']} exists twice"
            found[thing["name"]] = thing
        return found

    def ids(self) -> dict[str, str]:
        """Give the id of each thing by its name."""
        return {thing["name"]: path.stem for path, thing in self._all()}

    def change(self, name: str, **properties: Any) -> None:
        """Change a thing behind the engine's back."""
        path = self._path(self.ids()[name])
        path.write_text(json.dumps({**json.loads(path.read_text()), **properties}))

    def remove(self, name: str) -> None:
        """Take a thing away behind the engine's back."""
        self._path(self.ids()[name]).unlink()

    # ---- the provider

    def check(self, type_, name, old, new):
        if "bogus" in new:
            raise ProviderError(f"{type_} {name}: property bogus is not supported")
        if "name" in new:
            return {"__defaults": [], **new}
        kept = (old or {}).get("name") if old and "name" in old["__defaults"] else None
        return {"__defaults": ["name"], **new, "name": kept or f"{name}-{uuid.uuid4().hex[:7]}"}

    def diff(self, type_, id_, old_inputs, old_outputs, new):
        old = {key: value for key, value in old_outputs.items() if key not in ("id", "made")}
        wanted = {key: value for key, value in new.items() if key != "__defaults"}
        changes = [
            PropertyChange(change.path, change.kind, replaces=change.path in _REPLACING)
            for change in compare(old, wanted)
            if change.path not in ("fail", "half", "slow", "first")
        ]
        return Diff(tuple(changes), bool(new.get("first")))

    def planned_outputs(self, type_, new, old_outputs):
        known = _outputs(new)
        return {**known, "made": old_outputs["made"]} if old_outputs else known

    def create(self, type_, name, inputs, timeout):
        with self._working(f"create {name}", inputs):
            if inputs["name"] in self.ids():
                raise ProviderError(f"the name {inputs['name']} is already in use")
            id_ = uuid.uuid4().hex
            self._write(id_, inputs)
        outputs = {**_outputs(inputs), "id": id_, "made": id_[:4]}
        if "half" in inputs:
            raise PartialFailure(str(inputs["half"]), Instance(id_, {**outputs, "made": None}))
        return Instance(id_, outputs)

    def update(self, type_, id_, old_inputs, old_outputs, new):
        with self._working(f"update {new['name']}", new):
            if not self._path(id_).exists():
                raise ProviderError(f"{new['name']} is gone")
            self._write(id_, new)
        return {**_outputs(new), "id": id_, "made": id_[:4]}

    def delete(self, type_, id_, inputs, outputs):
        with self._working(f"delete {inputs['name']}", inputs):
            self._path(id_).unlink(missing_ok=True)

    def read(self, type_, id_, inputs, outputs):
        path = self._path(id_)
        if not path.exists():
            return None
        thing = json.loads(path.read_text())
        found = {"__defaults": inputs.get("__defaults", []), **thing}
        return Instance(id_, {**_outputs(thing), "id": id_, "made": id_[:4]}, found)

    def find(self, type_, name, inputs):
        id_ = self.ids().get(inputs["name"])
        if id_ is None:
            return None
        thing = json.loads(self._path(id_).read_text())
        whole = not inputs.get("half_made")
        return Instance(
            id_, {**_outputs(thing), "id": id_, "made": id_[:4]}, inputs if whole else None
        )

    def invoke(self, token, arguments):
        if token != "fake:index:count":
            raise ProviderError(f"no function {token}")
        return {"count": len(self.things()), "asked": arguments}

    # ---- inside

    def _all(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Give all things; another step may delete one between listing and reading."""
        for path in sorted(self.folder.glob("*.json")):
            with suppress(FileNotFoundError):
                yield path, json.loads(path.read_text())

    def _path(self, id_: str) -> Path:
        return self.folder / f"{id_}.json"

    def _write(self, id_: str, inputs: dict[str, Any]) -> None:
        assert UNKNOWN not in inputs.values(), "a real change must know what it changes to"
        path = self._path(id_)
        path.with_suffix(".tmp").write_text(json.dumps(_outputs(inputs)))
        path.with_suffix(".tmp").replace(path)

    def _working(self, what: str, inputs: dict[str, Any]) -> _Work:
        return _Work(self, what, inputs)


class _Work:
    def __init__(self, world: World, what: str, inputs: dict[str, Any]) -> None:
        self.world, self.what, self.inputs = world, what, inputs

    def __enter__(self) -> None:
        world = self.world
        with world._lock:
            world.calls.append(self.what)
            world.running += 1
            world.most_at_once = max(world.most_at_once, world.running)
        world.point(f"before {self.what}")
        time.sleep(self.inputs.get("slow", 0))
        if "fail" in self.inputs and not self.what.startswith("delete"):
            self.__exit__()
            raise ProviderError(str(self.inputs["fail"]))

    def __exit__(self, *_error: object) -> None:
        with self.world._lock:
            self.world.running -= 1
        if not any(_error):
            self.world.point(f"after {self.what}")


def _outputs(inputs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != "__defaults"}
