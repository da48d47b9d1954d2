"""Asks nginx, and what orders its certificate, how things stand there."""
