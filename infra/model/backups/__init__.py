"""The containers that make backups, at their time or when asked: as values."""
