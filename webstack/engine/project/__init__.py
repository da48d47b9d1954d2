"""Pulumi.yaml, the stacks' settings files, and a stack opened."""
