"""Serves containers."""
