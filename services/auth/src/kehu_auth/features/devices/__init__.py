"""Devices on which a person has signed in before."""
