"""The auth service: its features, nothing else."""

from kehu_auth import authority, environment, first_start
from kehu_chassis.runtime.service import Service

service = Service(
    name="auth",
    package="kehu_auth",
    features=[
        "departments",
        "roles",
        "passwords",
        "throttle",
        "keys",
        "sessions",
        "devices",
        "users",
        "account",
        "policy",
        "audit",
        "settings",
        "configuration",
        "preferences",
        "saved_views",
    ],
    directory=False,
    authority=authority.build,
    configuration=environment.internal_key,
    first_start=first_start.prepare,
)
