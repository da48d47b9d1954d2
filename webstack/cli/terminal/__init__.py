"""What the user sees and is asked: progress, tables, questions, errors in one line."""
