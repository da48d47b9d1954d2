"""Shows and asks the user: progress, tables, questions, errors in one line."""
