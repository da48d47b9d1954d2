"""One run of a program against one state: registrations in, steps out."""
