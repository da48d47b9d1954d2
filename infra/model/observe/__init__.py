"""The containers of what watches the stack run, as values."""
