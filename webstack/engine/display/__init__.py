"""Writes a run as text, as the Pulumi CLI prints it."""
