"""Calls a Docker daemon's API over HTTP, with little more than the standard library."""
