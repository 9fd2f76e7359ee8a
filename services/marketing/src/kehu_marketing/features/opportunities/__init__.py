"""Opportunities 销售机会 with their development plans, from creation to won or lost."""
