"""Holds what the parts agree on, as pure functions and values; imports none of them."""
