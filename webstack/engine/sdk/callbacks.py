"""Calls functions of the program, which its SDK serves on a port of this machine."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc

from webstack.engine.model.errors import ProgramError

Call = Callable[[bytes], bytes]

_PREFIX: Final = re.compile(r"Invoke callback \S+ error: ")
# The environment's proxy is not for this.
_OPTIONS: Final = (("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1))


class Callbacks:
    """Holds the connections to the program's SDK. It is safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, Any] = {}

    def bound(self, callback: Any) -> Call:
        """Return a callback as a function. That raises ProgramError for the program's exception."""
        stub = callback_pb2_grpc.CallbacksStub(self._channel(callback.target))

        def call(request: bytes) -> bytes:
            message = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request)
            try:
                return bytes(stub.Invoke(message).response)
            except grpc.RpcError as error:
                told = _PREFIX.sub("", str(error.details()))
                raise ProgramError(told.rstrip()) from error

        return call

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()

    def _channel(self, target: str) -> Any:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target, options=_OPTIONS)
            return self._channels[target]
