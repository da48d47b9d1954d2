"""Runs the Pulumi program without the Pulumi CLI, on the same state and settings."""
