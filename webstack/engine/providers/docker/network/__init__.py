"""Serves networks."""
