"""The policy document: which role may do what, and which tokens are void."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy.orm import Session

from kehu_auth.features.roles import service as roles
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.users import service as users


def document(session: Session) -> tuple[dict[str, Any], str]:
    """``(document, etag)``; equal documents have equal tags in every process."""
    found = {
        "roles": roles.permissions_by_role(session),
        "void_users": users.void(session),
        "void_sessions": sessions.void(session),
    }
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    return found, f'"{digest[:32]}"'
