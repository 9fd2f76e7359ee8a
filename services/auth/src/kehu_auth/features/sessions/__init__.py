"""Sessions: chains of refresh tokens, each good for one use."""
