"""The stages of the sales pipeline: data with a type, not code."""
