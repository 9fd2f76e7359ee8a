"""Sessions of browsers: a secret in a cookie, which the gateway exchanges for access tokens."""
