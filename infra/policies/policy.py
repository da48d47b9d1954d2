"""Defines what a policy is: a function that says what is wrong, with its level and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from infra.policies.declared import Declared, UndecidedError
from webstack.contract import plain_text

Check = Callable[[Declared], Iterable[str]]
StackCheck = Callable[[Sequence[Declared]], Iterable[tuple[Declared, str]]]
Found = TypeVar("Found")


class Level(Enum):
    """Decides what a violation does: stop the deployment, warn, or nothing."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    OFF = "off"


@dataclass(frozen=True)
class Violation:
    """Describes how one resource violates one policy: the reason, and what to do."""

    policy: str
    resource: Declared
    reason: str
    fix: str
    level: Level

    def __str__(self) -> str:
        return plain_text.line(f"{self.policy}: {self.resource} {self.reason}; {self.fix}")


@dataclass(frozen=True)
class _Rule:
    """Holds what all policies have: a name, a sentence, a fix, a level in each environment."""

    name: str
    title: str
    fix: str
    default: Level = Level.MANDATORY
    levels: Mapping[str, Level] = field(default_factory=dict)

    def level(self, environment: str) -> Level:
        """Give the level in an environment, unless its settings say otherwise."""
        return self.levels.get(environment, self.default)


@dataclass(frozen=True)
class Policy(_Rule):
    """Judges each resource by itself."""

    check: Check = lambda _resource: ()

    def violations(self, resources: Iterable[Declared], level: Level) -> Iterator[Violation]:
        """Give what is wrong, as far as that can be told already."""
        for resource in resources:
            for reason in _decided(self.check(resource)):
                yield Violation(self.name, resource, reason, self.fix, level)


@dataclass(frozen=True)
class StackPolicy(_Rule):
    """Judges all resources of the stack together."""

    check: StackCheck = lambda _resources: ()

    def violations(self, resources: Sequence[Declared], level: Level) -> Iterator[Violation]:
        """Give what is wrong, as far as that can be told already."""
        for resource, reason in _decided(self.check(resources)):
            yield Violation(self.name, resource, reason, self.fix, level)


def policy(
    *, fix: str, default: Level = Level.MANDATORY, **levels: Level
) -> Callable[[Check], Policy]:
    """Make a policy of a function that gives the reasons against one resource.

    The function's name and first sentence are the policy's. ``levels`` name environments that have
    another level than the default.
    """
    return lambda check: Policy(*_words(check), fix, default, levels, check)


def stack_policy(
    *, fix: str, default: Level = Level.MANDATORY, **levels: Level
) -> Callable[[StackCheck], StackPolicy]:
    """Make a policy of a function that judges all resources.

    The function gets all resources and gives pairs of resource and reason. Otherwise this is like
    `policy`.
    """
    return lambda check: StackPolicy(*_words(check), fix, default, levels, check)


def _words(check: Callable[..., object]) -> tuple[str, str]:
    first = (check.__doc__ or "").strip().partition("\n")[0]
    return check.__name__.replace("_", "-"), first


def _decided(found: Iterable[Found]) -> Iterator[Found]:
    """Give what is found, up to where something is needed that is not known yet."""
    try:
        yield from found
    except UndecidedError:
        return
