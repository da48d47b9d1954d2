"""The CLI's file formats: backend, checkpoints, locks, encryption."""
