"""Orders the certificate of a stack, and renews it in time."""
