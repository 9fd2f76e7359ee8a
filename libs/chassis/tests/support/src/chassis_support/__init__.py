"""Helpers for the tests of the chassis: waiting, threads, broker access, cut connections."""
