"""Chooses the provider that serves a resource, and calls it."""
