"""The commands about data: consoles, copies, backups, secrets."""
