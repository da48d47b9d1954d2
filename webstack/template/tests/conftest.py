"""Gives tests the fixture ``declare``: the program run with an environment's settings."""

pytest_plugins = ["infra.testing"]
