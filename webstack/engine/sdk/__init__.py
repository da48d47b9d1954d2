"""Imports Pulumi's Python SDK late, and reads and writes its messages."""
