"""Turns a preview's JSON into what it means, as values, and renders that: all pure functions."""
