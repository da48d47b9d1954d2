"""Providers: which one serves a resource, and how it is called."""
