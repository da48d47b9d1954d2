"""Reads and writes the CLI's file formats: backend, checkpoints, locks, encryption."""
