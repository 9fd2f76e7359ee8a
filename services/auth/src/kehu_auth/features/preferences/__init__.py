"""How each person likes to see the application; nothing depends on it here."""
