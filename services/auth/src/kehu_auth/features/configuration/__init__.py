"""What clients need to know before anybody has signed in."""
