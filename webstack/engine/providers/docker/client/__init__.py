"""Finds the Docker daemon, connects to it and reads its answers."""
