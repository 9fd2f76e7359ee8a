"""Which service requests and opportunities have ended; all others are open."""

ENDED_REQUESTS = ("archived", "cancelled")
ENDED_OPPORTUNITIES = ("won", "lost", "voided")
