"""Does what several commands share: update what is deployed, take it away, look at it."""
