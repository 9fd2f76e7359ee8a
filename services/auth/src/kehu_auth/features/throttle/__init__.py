"""Slowing down people who guess passwords."""
