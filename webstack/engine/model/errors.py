"""What can go wrong, each with an exit code; the message names the cause and the way out."""

from __future__ import annotations


class EngineError(Exception):
    """Base of everything the engine reports to the user; ``exit_code`` is the process's."""

    exit_code = 1


class ProjectError(EngineError):
    """Pulumi.yaml or a stack's settings file cannot be used."""


class StackNotFoundError(EngineError):
    """The named stack does not exist in the backend."""

    exit_code = 6


class BackendError(EngineError):
    """The state folder cannot be read or written."""


class StateError(EngineError):
    """The state file is not one that the engine may work with."""


class DamagedStateError(StateError):
    """The state is not what any engine has written; the message is what is wrong in it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the state is damaged: {what}")


class LockedError(EngineError):
    """Another run holds the stack."""


class PassphraseError(EngineError):
    """The passphrase is missing or wrong."""


class UnsupportedError(EngineError):
    """The program asks for something that only the Pulumi CLI can do."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by the embedded engine; use the Pulumi CLI")


class PlanError(EngineError):
    """A resource cannot be brought to what the program declares."""


class ProgramError(EngineError):
    """The program raised something; the message has its traceback, cut to its own frames."""
