"""Rules of passwords, and hashing them."""
