"""Serves images: builds, pulls, tags and pushes them."""
