"""When keys are changed."""

from datetime import timedelta

# Verifiers fetch the keys every 15 s: by then each of them knows a new one.
NOTICE = timedelta(minutes=1)

# A key is replaced after this time by itself.
AGE = timedelta(days=90)
