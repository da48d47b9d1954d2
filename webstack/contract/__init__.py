"""What the parts agree on, as pure functions and values; imports nothing of theirs."""
