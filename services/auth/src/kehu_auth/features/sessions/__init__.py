"""Sessions: chains of refresh tokens, each good for one use, or the secret of a browser."""
