"""Decides what to do with each resource, and in which order. All functions are pure."""
