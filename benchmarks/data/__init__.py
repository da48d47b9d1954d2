"""Measures what databases, caches, queues and backups cost, beside what one would have without."""
