"""Prepares what the machine needs before anything runs: virtual environment, Docker daemon."""
