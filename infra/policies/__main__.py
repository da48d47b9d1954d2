"""Starts as the policy pack ``infra/policies`` of the Pulumi CLI, in an environment of its own."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # in place of this folder

from infra.policies.pack import serve  # noqa: E402 - found only now

serve()
