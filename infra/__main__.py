"""Runs as the Pulumi program."""

from infra.interrupts import end_quietly
from infra.stack import deploy

end_quietly()
deploy()
