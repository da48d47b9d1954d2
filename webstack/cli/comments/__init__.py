"""Writes the comment on a pull request: one for each environment, edited in place."""
