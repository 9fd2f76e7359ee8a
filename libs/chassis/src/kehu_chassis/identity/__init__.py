"""Who is calling and what they may do: access tokens, signing keys, and the policy.

Every process that serves HTTP verifies the access token itself; no identity header is trusted.
:class:`authority.Authority` is all that a process needs: it keeps the current policy and signing
keys fresh in the background and turns a token into a :class:`policy.Caller`. Nothing is fetched and
no thread is started before its first use, so an application can be built before gunicorn forks.
"""
