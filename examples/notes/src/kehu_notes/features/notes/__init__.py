"""Notes, and the comments on them."""
