"""What the containers that keep data say of it: backups, tasks."""
