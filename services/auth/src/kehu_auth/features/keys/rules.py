"""When keys are rotated."""

from datetime import timedelta

# Verifiers fetch the keys every 15 s: by then each of them has a new one.
NOTICE = timedelta(minutes=1)

# A key is replaced automatically at this age.
AGE = timedelta(days=90)
