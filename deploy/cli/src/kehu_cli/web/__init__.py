"""Builds the web console: its Node, its packages, its files."""
