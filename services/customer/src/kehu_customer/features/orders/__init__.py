"""The mirror of the sales system: its customer codes, its orders, its returns."""
