"""Waits for what a release started: asks containers, runs their commands, explains failures."""
