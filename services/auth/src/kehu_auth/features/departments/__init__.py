"""The tree of departments, which defines teams."""
