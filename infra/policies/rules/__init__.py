"""The policies: each module is read, and each policy in it holds. Yours go into a file beside."""
