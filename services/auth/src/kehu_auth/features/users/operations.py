"""What may be done to users, each by which permission and when."""

from kehu_auth.features.users import rules
from kehu_auth.features.users.models import User, last_administrators
from kehu_chassis.records import Blocked, Operation

UPDATE = Operation("update_user", User, "user:update")
DISABLE = Operation(
    "disable_user",
    User,
    "user:disable",
    require=rules.require_enabled,
    blocked=Blocked("last-administrator", last_administrators),
)
ENABLE = Operation("enable_user", User, "user:disable", require=rules.require_disabled)
RESET_PASSWORD = Operation("reset_password", User, "user:reset-password")
SIGN_OUT = Operation("sign_out_user", User, "user:sign-out")
