"""Holds the `webstack` command, and what `make` needs before it."""
