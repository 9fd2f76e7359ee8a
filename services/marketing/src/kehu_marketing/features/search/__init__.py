"""One search box over opportunities."""
