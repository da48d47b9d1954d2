"""Describes resource types and their properties."""
