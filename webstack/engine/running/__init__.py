"""Runs one program against one state: registrations come in, steps go out."""
