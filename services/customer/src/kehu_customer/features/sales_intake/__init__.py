"""Ingesting the sales system's events: orders, returns, stale orders, and its customers."""
