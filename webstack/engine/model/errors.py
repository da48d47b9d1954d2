"""Defines the errors of the engine. Each message names the cause and the way out."""

from __future__ import annotations


class EngineError(Exception):
    """Reports a problem to the user. ``exit_code`` becomes the exit code of the process."""

    exit_code = 1


class ProjectError(EngineError):
    """Reports that Pulumi.yaml or a stack's settings file cannot be used."""


class StackNotFoundError(EngineError):
    """Reports that the named stack does not exist in the backend."""

    exit_code = 6


class BackendError(EngineError):
    """Reports that the state folder cannot be read or written."""


class StateError(EngineError):
    """Reports a state file that the engine may not work with."""


class DamagedStateError(StateError):
    """Reports a state that no engine has written. The message says what is wrong in it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the state is damaged: {what}")


class LockedError(EngineError):
    """Reports that another run holds the stack."""


class PassphraseError(EngineError):
    """Reports a missing or wrong passphrase."""


class UnsupportedError(EngineError):
    """Reports a request of the program that only the Pulumi CLI can serve."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by the embedded engine; use the Pulumi CLI")


class PlanError(EngineError):
    """Reports a resource that cannot be brought to what the program declares."""


class ProgramError(EngineError):
    """Reports an exception of the program. The message has its traceback, its own frames only."""
