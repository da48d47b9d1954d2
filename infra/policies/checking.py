"""Asks all policies: which of them hold in an environment, and what they say of resources."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from infra.policies import rules
from infra.policies.declared import Declared
from infra.policies.policy import Level, Policy, StackPolicy, Violation
from infra.settings.sections import NAMESPACE, SettingsError


@cache
def all_policies() -> tuple[Policy | StackPolicy, ...]:
    """Give every policy of every module in ``infra.policies.rules``, sorted by module."""
    modules = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
    found = {
        value.name: value
        for name in modules
        for value in vars(importlib.import_module(f"{rules.__name__}.{name}")).values()
        if isinstance(value, Policy | StackPolicy)
    }
    return tuple(found.values())


@dataclass(frozen=True)
class Rulebook:
    """Holds the policies as they apply to one stack.

    Raises SettingsError if the settings name a policy or a level that does not exist.
    """

    environment: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    policies: Sequence[Policy | StackPolicy] = field(default_factory=all_policies)

    def __post_init__(self) -> None:
        names = [each.name for each in self.policies]
        levels = [level.value for level in Level]
        for name, said in self.overrides.items():
            if said not in levels:
                raise SettingsError(
                    f"{NAMESPACE}:policies.{name}: {said} is no level; "
                    f"it must be one of {', '.join(levels)}"
                )
            if name not in names:
                close = difflib.get_close_matches(name, names, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
                raise SettingsError(f"{NAMESPACE}:policies.{name}: no such policy; {hint}")

    def level(self, each: Policy | StackPolicy) -> Level:
        """Give the level of a policy here: that of the settings, else the policy's own."""
        said = self.overrides.get(each.name)
        return Level(said) if said else each.level(self.environment)

    def violations(self, resources: Sequence[Declared]) -> list[Violation]:
        """Give what all policies say of a stack's resources, as far as they can tell."""
        single = [each for resource in resources for each in self.violations_of(resource)]
        return [*single, *self.violations_of_stack(resources)]

    def violations_of(self, resource: Declared) -> list[Violation]:
        """Give what the policies over single resources say of one resource."""
        return [
            violation
            for each, level in self._in_force()
            if isinstance(each, Policy)
            for violation in each.violations([resource], level)
        ]

    def violations_of_stack(self, resources: Sequence[Declared]) -> list[Violation]:
        """Give what the policies over the whole stack say."""
        return [
            violation
            for each, level in self._in_force()
            if isinstance(each, StackPolicy)
            for violation in each.violations(resources, level)
        ]

    def _in_force(self) -> Iterator[tuple[Policy | StackPolicy, Level]]:
        for each in self.policies:
            level = self.level(each)
            if level is not Level.OFF:
                yield each, level


def refusal(violations: Iterable[Violation]) -> str:
    """Write what the user reads if mandatory policies are violated; empty if none is."""
    lines = [f"  {each}" for each in violations if each.level is Level.MANDATORY]
    if not lines:
        return ""
    times = "" if len(lines) == 1 else f" {len(lines)} times"
    head = f"a mandatory policy forbids this{times}, so the deployment stops"
    way_out = f"docs/policies.md tells about levels and the setting {NAMESPACE}:policies"
    return "\n".join([f"{head}; {way_out}", *lines])
