"""How long tokens and sessions live."""

from datetime import timedelta

# An access token is not looked up anywhere, so it is short-lived.
ACCESS_TOKEN = timedelta(minutes=10)

# A session ends when it was not used for a week, and after 30 days in any case.
SESSION_IDLE = timedelta(days=7)
SESSION = timedelta(days=30)

# One begun in a browser ends sooner, as its secret lives as long as it does and is not replaced.
BROWSER_SESSION_IDLE = timedelta(hours=12)

# Void entries of the policy and old keys in the JWKS must outlive every access token issued before,
# although the clocks of verifiers differ a little and their copies are a little old.
AFTER_ACCESS_TOKEN = ACCESS_TOKEN + timedelta(minutes=5)

# A device is known for this long after the last login on it.
DEVICE = timedelta(days=180)

# After a refresh token was used it still gives a token, for another tab or a lost response.
REFRESH_GRACE = timedelta(seconds=10)
