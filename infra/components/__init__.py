"""The stack's components, each a small Pulumi ComponentResource."""
