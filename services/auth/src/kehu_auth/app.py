"""The auth service: its features, nothing else."""

from kehu_auth import authority, environment, first_start
from kehu_auth.features.users import service as users
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
        "browser_sessions",
        "policy",
        "audit",
        "settings",
        "configuration",
        "preferences",
        "saved_views",
    ],
    directory=False,
    names_of=users.names,
    authority=authority.build,
    configuration=environment.internal_key,
    first_start=first_start.prepare,
)
