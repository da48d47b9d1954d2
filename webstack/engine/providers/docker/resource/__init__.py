"""Checks, compares and refreshes resources of all types by their schemas."""
