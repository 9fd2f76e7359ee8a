"""What a good password is, and how it is kept."""
