"""Kehu, the marketing service: winning new customers."""
