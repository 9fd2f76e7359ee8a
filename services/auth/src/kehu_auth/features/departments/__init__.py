"""The tree of departments: whose team somebody is in."""
