"""The tool: what runs the Pulumi program of a project, and the command line around it."""

__version__ = "0.3.0"
"""The version of the tool: pyproject.toml and `webstack --version` read it here."""
