"""Reads what an exported state says of releases, and what anybody may see of it."""
