"""Images: the base that all start from, and names that follow content."""
