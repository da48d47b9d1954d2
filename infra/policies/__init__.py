"""Enforces policies: what no declared resource may be, whoever declares it.

Each policy is a function in a module of ``infra.policies.rules``; docs/policies.md lists them.
"""

from pkgutil import extend_path

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

__path__ = extend_path(__path__, __name__)
