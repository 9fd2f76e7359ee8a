"""A small service, made of everything the chassis offers, for the tests of the chassis."""
