"""Helps for the tests of the chassis: waiting, threads, a broker to look into, a cut cable."""
