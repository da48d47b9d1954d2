"""Compares two stacks, and a stack with its machine."""
