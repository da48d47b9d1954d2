"""Holds the commands that keep settings, stacks, locks and disk space in order."""
