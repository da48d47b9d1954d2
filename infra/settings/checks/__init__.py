"""Checks that settings fit together, beyond the type of each: pure."""
