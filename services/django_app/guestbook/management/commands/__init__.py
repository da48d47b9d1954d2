"""A module for each."""
