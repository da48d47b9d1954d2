"""Settings of a stack: their types, sections, checks, and how they are read."""
