"""The Pulumi program: what the settings ask for, and below that what is your own."""

from infra.interrupts import end_quietly
from infra.stack import deploy

end_quietly()
deploy()
