"""Holds the parts of a stack, each a Pulumi component."""
