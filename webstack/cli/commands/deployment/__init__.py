"""Holds the commands that change what runs, or show what would change."""
