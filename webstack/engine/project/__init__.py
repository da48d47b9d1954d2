"""Reads Pulumi.yaml and the stacks' settings files, and opens stacks."""
