"""Runs the user's program in this process, with the engine as its resource monitor."""
