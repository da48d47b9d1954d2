"""Drives the program's SDK, the `pulumi` package, which is slow to import and so imported late."""

from __future__ import annotations

import asyncio
import base64
import logging
import pickle
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any

import dill  # type: ignore[import-untyped]
import msgspec
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]

from webstack.engine.model.errors import ProgramError
from webstack.engine.sdk.postponing import postponed

with postponed():
    import pulumi
    import pulumi.dynamic
    from pulumi.dynamic import config as dynamic_config
    from pulumi.runtime import _serialization, rpc
    from pulumi.runtime import resource as sdk_resource
    from pulumi.runtime.proto import source_pb2

_PICKLING = {name: getattr(pickle._Pickler, name) for name in ("_batch_setitems", "save_dict")}


class Surroundings(msgspec.Struct, frozen=True):
    """Holds what a program may ask its SDK about the run it is part of."""

    project: str
    stack: str
    root: str
    preview: bool
    parallel: int
    monitor: Any
    engine: Any
    config: Mapping[str, str]
    secret_keys: frozenset[str]


def load_ahead(enough: Callable[[], bool]) -> None:
    """Import what a program for Docker usually needs, while something else is waited for."""
    if not enough():
        with suppress(ImportError):
            import_module("pulumi_docker")


def enter(surroundings: Surroundings) -> None:
    """Point the SDK at this run, for the present context and its copies.

    The state gets no source positions from here, and collecting them is a third of the work.
    """
    sdk_resource._get_stack_trace = source_pb2.StackTrace
    pulumi.runtime.set_all_config(dict(surroundings.config), sorted(surroundings.secret_keys))
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=surroundings.project,
            stack=surroundings.stack,
            monitor=surroundings.monitor,
            engine=surroundings.engine,
            parallel=surroundings.parallel,
            dry_run=surroundings.preview,
            organization="organization",
            root_directory=surroundings.root,
        )
    )


def run(program: Callable[[], None], workers: int) -> None:
    """Run a program in a stack resource until everything it started has ended.

    Pulumi's RunError says all there is to say in its text, and needs no traceback.
    The SDK leaves futures of failed resources unawaited, which asyncio would log as errors.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(workers, thread_name_prefix="register"))
        await pulumi.runtime.run_in_stack(program)

    try:
        asyncio.run(main())
    except pulumi.RunError as error:
        raise ProgramError(str(error)) from error
    finally:
        # The SDK wraps these once more for every dynamic resource, and never unwraps them.
        for name, method in _PICKLING.items():
            setattr(pickle._Pickler, name, method)


def load_dynamic(serialized: str, config: Mapping[str, Any], project: str) -> Any:
    """Unpickle a provider of dynamic resources and configure it."""

    def load() -> Any:
        return dill.loads(base64.b64decode(serialized))  # noqa: S301 - the user's own program

    provider = _serialization._deserialize(load)
    settings = dynamic_config.Config(dict(config), project)
    provider.configure(pulumi.dynamic.ConfigureRequest(settings))
    return provider


def to_properties(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what a dynamic provider returned into plain property values, as its plugin does."""
    loop = asyncio.new_event_loop()
    try:
        struct = loop.run_until_complete(rpc.serialize_properties(dict(values), {}))
    finally:
        loop.close()
    return dict(MessageToDict(struct))
