"""What can be preferred, and how much of it."""

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
SHORTCUTS = True

MAX_LISTS = 50
MAX_COLUMNS = 60
MAX_NAME = 60  # characters of the name of a list or of a column
