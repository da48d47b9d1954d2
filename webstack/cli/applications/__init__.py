"""What an application of someone else's is, by its files, and how it becomes a service."""
