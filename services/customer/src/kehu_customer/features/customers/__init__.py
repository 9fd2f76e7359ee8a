"""How customers come to be and change: by hand, by a won opportunity, by the sales system."""
