"""Stacks made from others: their settings."""
