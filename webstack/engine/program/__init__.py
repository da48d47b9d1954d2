"""The user's program, run in this process with the engine as its monitor."""
