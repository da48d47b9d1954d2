"""Holds the commands by kind, a module each: its arguments, and what it does with them."""
