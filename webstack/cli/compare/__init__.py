"""How two stacks differ."""
