"""Plans: what was previewed and read, kept, so that nothing else is done."""
