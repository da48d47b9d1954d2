"""What a preview means, as values, and its renderers: all pure functions of its JSON."""
