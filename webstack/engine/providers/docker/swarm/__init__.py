"""Serves services of a Docker swarm, and the configurations and secrets that they read."""
