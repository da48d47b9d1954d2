"""Offers the operations on a stack to the command line."""
