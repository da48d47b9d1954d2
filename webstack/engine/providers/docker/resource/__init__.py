"""What all resource types share: checking, diff, refresh."""
