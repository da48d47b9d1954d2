"""What can be done with a stack: the engine's face to the command line."""
