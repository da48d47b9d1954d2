"""Looks at containers closely: in words, at what they use, and at how they are hardened."""
