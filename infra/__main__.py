"""The Pulumi program."""

from infra.stack import deploy

deploy()
