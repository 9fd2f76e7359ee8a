"""A small service that uses all of the chassis, for the tests of the chassis."""
