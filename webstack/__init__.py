"""What all parts of the project share."""
