"""Lets policies see what a program declares, before any of it is registered.

Pulumi registers nothing until the program has run to its end. So what is known by then is judged as
a whole. What is known only later, from other resources, is judged on its way to the engine. Both
happen inside the program, so that whatever runs the program is bound by the policies.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Mapping
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from pulumi import _types
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime import settings as sdk

from infra.policies.checking import Rulebook, refusal
from infra.policies.declared import Declared, value_of
from infra.policies.policy import Level, Violation

_STACK = "pulumi:pulumi:Stack"
_UNKNOWN = Unknown()  # type: ignore[no-untyped-call]


class Guard:
    """Watches one program's declarations; raises pulumi.RunError if a policy forbids them."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._declared: list[Declared] = []
        self._told: set[str] = set()
        self._refusal = ""
        self._lock = threading.Lock()
        self._first = threading.Lock()
        self._all_judged = False

    def watch(self) -> None:
        """See every resource that is declared from now on, and each before it is registered.

        Resources that a program has declared before know the engine's monitor already. So the
        monitor itself is guarded.
        """
        pulumi.runtime.register_stack_transformation(self._declare)
        monitor: Any = sdk.get_monitor()
        register = monitor.RegisterResource

        def guarded(request: Any) -> Any:
            self.judge_request(request)
            return register(request)

        monitor.RegisterResource = guarded

    def judge(self) -> None:
        """Judge all that was declared so far."""
        self._tell(self._rulebook.violations(self._declared))

    def judge_request(self, request: Any) -> None:
        """Judge one resource that is about to be registered.

        After a refusal no more resources are registered, although the SDK goes on registering what
        a failed program has declared. The stack itself is let through: it makes nothing, and a
        preview takes its name from it.
        """
        if request.type == _STACK:
            return
        self._judge_once()
        if self._refusal:
            raise pulumi.RunError(self._refusal)
        self._tell(self._rulebook.violations_of(Declared.requested(request)))

    def _judge_once(self) -> None:
        """Judge all resources, those declared after the stack too, once; others wait for it."""
        with self._first:
            if not self._all_judged:
                self._all_judged = True
                self.judge()

    def _declare(self, declaration: pulumi.ResourceTransformationArgs) -> None:
        self._declared.append(
            Declared(
                declaration.type_,
                declaration.name,
                _properties(declaration.resource, declaration.props),
                _is_protected(declaration.opts),
            )
        )

    def _tell(self, violations: list[Violation]) -> None:
        with self._lock:
            new = [each for each in violations if str(each) not in self._told]
            self._told |= {str(each) for each in new}
        for each in new:
            if each.level is Level.ADVISORY:
                pulumi.warn(f"policy {each}")
        if words := refusal(new):
            self._refusal = words
            raise pulumi.RunError(words)


def _is_protected(options: pulumi.ResourceOptions) -> bool:
    if options.protect is None and options.parent is not None:
        return bool(options.parent._protect)
    return options.protect is True


def _properties(resource: pulumi.Resource, inputs: Any) -> Any:
    """Give inputs as the SDK will send them; what has to be waited for stays unknown."""
    sending = rpc.serialize_properties(
        {name: _present(value) for name, value in inputs.items()},
        {},
        resource,
        resource.translate_input_property,
        _argument_type(type(resource)),
    )
    try:
        sending.send(None)
    except StopIteration as done:
        return value_of(MessageToDict(done.value))
    raise AssertionError("nothing in it has to be waited for")


def _argument_type(resource: type) -> type | None:
    """Give the class of a resource's arguments, which knows their names in other languages."""
    for kind in resource.__mro__:
        found = getattr(sys.modules[kind.__module__], f"{kind.__name__}Args", None)
        if isinstance(found, type) and _types.is_input_type(found):
            return found
    return None


def _present(value: Any) -> Any:
    """Give the same input without what has to be waited for."""
    if isinstance(value, pulumi.Output | pulumi.Resource) or inspect.isawaitable(value):
        return _UNKNOWN
    if _types.is_input_type(type(value)):
        copied = object.__new__(type(value))
        copied.__dict__.update({key: _present(item) for key, item in vars(value).items()})
        return copied
    if isinstance(value, Mapping):
        return {key: _present(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_present(item) for item in value]
    return value
