"""How long tokens and sessions live."""

from datetime import timedelta

# An access token is not looked up anywhere, so it lives shortly.
ACCESS_TOKEN = timedelta(minutes=10)

# A session ends when it was not used for a week, and after 30 days whatever happens.
SESSION_IDLE = timedelta(days=7)
SESSION = timedelta(days=30)

# What the policy names as void, and which old keys the JWKS still lists, must outlive every access
# token issued before, with the clocks of verifiers a little apart and their copies a little old.
AFTER_ACCESS_TOKEN = ACCESS_TOKEN + timedelta(minutes=5)
