"""Offers the policies as a Pulumi policy pack, so that the CLI reports them as its own.

The program is bound by them without the pack, too. The levels are those of the stack's settings
file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pulumi_policy as pp
from pulumi_policy import policy as sdk

from infra.policies.checking import Rulebook, all_policies
from infra.policies.declared import Declared, value_of
from infra.policies.policy import Level, Policy, StackPolicy, Violation
from infra.settings.files import settings_of
from infra.settings.sections import NAMESPACE

NAME = "webstack"
ADVICE = "advice"
_NAMESPACED = f"{NAMESPACE}:"
Report = Callable[[str, str | None], None]


def serve() -> None:
    """Serve the policies to the engine that has started this process."""
    # Secret and unknown values then reach a policy as they do in the program.
    sdk.deserialize_properties = lambda properties, *_: value_of(properties)
    sdk.unknown_checking_proxy = lambda properties: properties
    pp.PolicyPack(NAME, policies(), enforcement_level=pp.EnforcementLevel.MANDATORY)


def policies() -> list[pp.Policy]:
    """Give each policy, for where it is mandatory, and two policies that tell all advice.

    One of the two is for single resources, the other for the whole stack.
    """
    return [
        *(_over_resources(each) for each in all_policies() if isinstance(each, Policy)),
        *(_over_the_stack(each) for each in all_policies() if isinstance(each, StackPolicy)),
        _over_resources(None),
        _over_the_stack(None),
    ]


def _over_resources(each: Policy | None) -> pp.Policy:
    def validate(args: pp.ResourceValidationArgs, report: Report) -> None:
        resource = _declared(args)
        _report(_rulebook(_stack_of(args.urn)).violations_of(resource), each, report)

    return pp.ResourceValidationPolicy(
        each.name if each else ADVICE, each.title if each else "Advice.", validate, _level(each)
    )


def _over_the_stack(each: StackPolicy | None) -> pp.Policy:
    def validate(args: pp.StackValidationArgs, report: Report) -> None:
        resources = [_declared(resource) for resource in args.resources]
        if resources:
            rulebook = _rulebook(_stack_of(resources[0].urn))
            _report(rulebook.violations_of_stack(resources), each, report)

    return pp.StackValidationPolicy(
        each.name if each else f"{ADVICE}-on-the-stack",
        each.title if each else "Advice.",
        validate,
        _level(each),
    )


def _level(each: Policy | StackPolicy | None) -> pp.EnforcementLevel:
    return pp.EnforcementLevel.MANDATORY if each else pp.EnforcementLevel.ADVISORY


def _report(
    violations: Iterable[Violation], wanted: Policy | StackPolicy | None, report: Report
) -> None:
    for violation in violations:
        mandatory = violation.level is Level.MANDATORY
        if (mandatory and wanted and violation.policy == wanted.name) or not (mandatory or wanted):
            report(str(violation), violation.resource.urn)


def _declared(args: Any) -> Declared:
    protected = bool(args.opts.protect)
    return Declared(args.resource_type, args.name, args.props, protected, args.urn)


def _stack_of(urn: str) -> str:
    """Read the stack's name in ``urn:pulumi:dev::webstack::…``: nothing else tells the pack."""
    return urn.partition("::")[0].rpartition(":")[2]


@cache
def _rulebook(stack: str) -> Rulebook:
    """Give the policies as the stack's settings file has them."""
    try:
        said = settings_of(stack)
    except FileNotFoundError:
        said = {}
    environment = said.get(f"{_NAMESPACED}environment") or stack
    return Rulebook(environment, said.get(f"{_NAMESPACED}policies") or {})
