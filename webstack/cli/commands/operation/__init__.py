"""Holds the commands that work in, or on, what runs."""
