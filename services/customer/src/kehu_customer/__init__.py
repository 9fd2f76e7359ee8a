"""Kehu, the customer service: knowing customers and keeping them."""
