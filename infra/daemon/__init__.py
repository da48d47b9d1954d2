"""Requests of the program and its release step to the Docker daemon."""
