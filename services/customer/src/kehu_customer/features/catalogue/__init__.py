"""The mirror of products and stock."""
