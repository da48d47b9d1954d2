"""Holds the commands that look at what is deployed, and change nothing."""
