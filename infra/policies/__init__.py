"""Policies as code: what no declared resource may be, whoever declares it.

Each is a function in a module of ``infra.policies.rules``; docs/policies.md lists them.
"""

from infra.policies.declared import UNKNOWN, Declared, SecretText
from infra.policies.policy import Level, Policy, StackPolicy, Violation, policy, stack_policy

__all__ = [
    "UNKNOWN",
    "Declared",
    "Level",
    "Policy",
    "SecretText",
    "StackPolicy",
    "Violation",
    "policy",
    "stack_policy",
]
