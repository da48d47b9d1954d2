"""Writes what nginx does for one service: its pages, files, redirects and spool."""
