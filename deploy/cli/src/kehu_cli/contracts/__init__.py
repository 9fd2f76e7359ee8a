"""Generating the files of `contracts/` and comparing them with an earlier revision."""
