"""Serves volumes."""
