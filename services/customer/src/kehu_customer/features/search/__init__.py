"""One search box over customers, contacts and orders."""
