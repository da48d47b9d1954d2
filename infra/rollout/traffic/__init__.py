"""Moves requests from old containers to new ones: links, static files, draining."""
