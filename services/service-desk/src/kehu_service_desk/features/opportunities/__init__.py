"""Opportunities: a replica fed by events, for those who are notified of them."""
