"""Brings a release live, and asks of new containers what they must pass before."""
