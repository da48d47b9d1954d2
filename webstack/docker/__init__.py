"""Leads to a Docker daemon: endpoint, client and build contexts, for program and engine."""
