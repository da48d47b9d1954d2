"""Provides the objects that the program's SDK calls, in this process instead of over gRPC.

The SDK calls these methods on the threads of the event loop's executor, many at a time. A method
it calls that is not here would end the program with a Python error, so the rest are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from msgspec.structs import replace
from pulumi.runtime.proto import resource_pb2

from webstack.engine.model import urn as urns
from webstack.engine.model.errors import EngineError, PlanError, UnsupportedError
from webstack.engine.model.events import Diagnostic, Observer, Severity
from webstack.engine.model.goal import Goal
from webstack.engine.model.provider import UNKNOWN
from webstack.engine.project import version_range
from webstack.engine.running.default_providers import DefaultProviders
from webstack.engine.running.deployment import Deployment, Registered, StoppedError
from webstack.engine.running.invokes import Invokes
from webstack.engine.running.secret_texts import SecretTexts
from webstack.engine.sdk import codec
from webstack.engine.sdk.callbacks import Callbacks
from webstack.engine.sdk.hooks import Hook, Occasion
from webstack.engine.sdk.transforms import Transforms

# Secrets, resource references, alias specs, replacement triggers, deletedWith, replaceWith,
# transforms and the hooks of resources. Parameterized packages and the hooks of errors too, only
# so that they are announced here and refused by name: the SDK itself names none, and is silent
# about a hook that no resource uses.
_FEATURES: Final = (0, 1, 3, 4, 5, 6, 7, 9, 10, 11)
_SEVERITIES: Final[dict[int, Severity]] = {1: "info", 2: "warning", 3: "error"}


class Monitor:
    """Passes registrations and calls of the program to the deployment."""

    def __init__(
        self,
        deployment: Deployment,
        defaults: DefaultProviders,
        invokes: Invokes,
        secrets: SecretTexts,
        callbacks: Callbacks,
        conclude: Callable[[], None],
    ) -> None:
        """Take ``conclude``, which does what follows the program's last registration."""
        self._deployment = deployment
        self._defaults = defaults
        self._invokes = invokes
        self._secrets = secrets
        self._callbacks = callbacks
        self._transforms = Transforms(callbacks)
        self._conclude = conclude

    def GetDeploymentInfo(self, request: Any) -> resource_pb2.DeploymentInfo:  # noqa: N802
        """Say what the engine can do; the SDK refuses options that need more."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)  # type: ignore[arg-type]

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        """Bring a resource to what the program declares."""
        with self._failing():
            wanted = self._transforms.applied(request)
        registered = self._registered(codec.goal_of, wanted)
        resource = registered.resource
        self._transforms.note(resource.urn, request)
        response = resource_pb2.RegisterResourceResponse(urn=resource.urn)
        if registered.failed:
            response.result = resource_pb2.Result.FAIL
        if resource.custom and not registered.skipped:
            response.id = _known(resource.id)
            codec.fill(response.object, resource.outputs)
        response.unknown = registered.skipped or registered.failed
        return response

    def ReadResource(self, request: Any) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        """Read a resource that something else manages."""
        registered = self._registered(codec.read_goal_of, request)
        resource = registered.resource
        response = resource_pb2.ReadResourceResponse(urn=resource.urn, id=_known(resource.id))
        if registered.failed:
            response.result = resource_pb2.Result.FAIL
        if not registered.skipped:
            codec.fill(response.properties, resource.outputs)
        response.unknown = registered.skipped or registered.failed
        return response

    def RegisterResourceOutputs(self, request: Any) -> Empty:  # noqa: N802
        """Record the outputs of a component or of the stack."""
        with self._failing():
            outputs = self._secrets.sealed(codec.properties(request.outputs))
            self._deployment.register_outputs(request.urn, outputs)
        return Empty()

    def Invoke(self, request: Any) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        """Call a function of a provider."""
        arguments = codec.properties(request.args)
        with self._failing():
            try:
                found = self._invokes.call(
                    request.tok, arguments, request.provider, request.version
                )
            except PlanError as error:
                raise InvokeError(str(error)) from error
        response = resource_pb2.ResourceInvokeResponse()
        codec.fill(getattr(response, "return"), found)
        return response

    def SignalAndWaitForShutdown(self, request: Any) -> Empty:  # noqa: N802
        """Finish the run while the program, which has ended, still serves callbacks."""
        self._conclude()
        return Empty()

    def RegisterStackTransform(self, request: Any) -> Empty:  # noqa: N802
        """Register a transform for every later resource."""
        self._transforms.add_to_stack(request)
        return Empty()

    def RegisterPackage(self, request: Any) -> Empty:  # noqa: N802
        """Refuse a package that is made from another one's plugin."""
        with self._failing():
            name = request.parameterization.name or request.extension.name or request.name
            raise UnsupportedError(f"the package {name}")

    def RegisterResourceHook(self, request: Any) -> Empty:  # noqa: N802
        """Register a hook that resources may name."""
        call = self._callbacks.bound(request.callback)

        def called(occasion: Occasion) -> str:
            answer = call(codec.occasion(occasion).SerializeToString())
            return str(resource_pb2.ResourceHookResponse.FromString(answer).error)

        with self._failing():
            hook = Hook(called, request.on_dry_run, request.ignore_errors)
            self._deployment.hooks.register(request.name, hook)
        return Empty()

    def RegisterErrorHook(self, request: Any) -> Empty:  # noqa: N802
        """Refuse a hook, whether a resource uses it or not."""
        with self._failing():
            raise UnsupportedError(f"the error hook {request.name}")

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        """Refuse every other method that the SDK may call."""
        if name.startswith("_"):
            raise AttributeError(name)

        def refuse(_request: Any) -> Any:
            raise UnsupportedError(f"the call {name} of the program")

        return refuse

    def _registered(self, decode: Callable[[Any], Goal], request: Any) -> Registered:
        with self._failing():
            goal = decode(request)
            trigger = self._secrets.sealed({"": goal.replacement_trigger})[""]
            goal = replace(goal, inputs=self._secrets.sealed(goal.inputs))
            goal = self._provided(replace(goal, replacement_trigger=trigger))
        return self._deployment.register(goal)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """End the run on an error of the engine, and the program without another message."""
        try:
            yield
        except EngineError as error:
            self._deployment.fail(str(error))
            self._deployment.stop()
            raise StoppedError from error

    def _provided(self, goal: Goal) -> Goal:
        """Return a resource that names no provider the default one of its package."""
        if goal.custom:
            self._deployment.require(goal.type, goal.version)
        if goal.is_provider and goal.version:
            return replace(goal, inputs={**goal.inputs, "version": goal.version})
        if not goal.custom or goal.provider or goal.is_provider:
            return goal
        reference = self._defaults.reference(urns.package_of(goal.type), goal.version, goal.type)
        return replace(goal, provider=reference)


class InvokeError(grpc.RpcError):  # type: ignore[misc]
    """Reports a failed function. It has the form in which the SDK lets the program catch it."""

    def code(self) -> grpc.StatusCode:
        """Return the code that the CLI has for it."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """Say what went wrong."""
        return str(self)


def _known(id_: str) -> str:
    """Return an id as the SDK reads it: an empty one is not known yet."""
    return "" if id_ == UNKNOWN else id_


class Engine:
    """Receives what the program logs."""

    def __init__(self, observe: Observer) -> None:
        self._observe = observe

    def Log(self, request: Any) -> Empty:  # noqa: N802
        """Pass a message on, except those for debugging the SDK."""
        severity = _SEVERITIES.get(request.severity)
        if severity is not None:
            self._observe(Diagnostic(severity, request.message.rstrip("\n"), request.urn))
        return Empty()

    def RequirePulumiVersion(self, request: Any) -> Empty:  # noqa: N802
        """Refuse a version that the engine does not stand for; raises ProjectError."""
        version_range.require(request.pulumi_version_range, "require_pulumi_version")
        return Empty()
