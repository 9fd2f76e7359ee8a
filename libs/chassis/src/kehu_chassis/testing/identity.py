"""People for tests, with real signed tokens and the built-in roles of the contract."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from kehu_chassis.data.database import new_id
from kehu_chassis.identity.authority import Authority
from kehu_chassis.identity.sources import StaticSource
from kehu_chassis.identity.tokens import ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE


@dataclass(frozen=True)
class User:
    """A person of a test."""

    __test__ = False

    roles: tuple[str, ...]
    department_id: UUID | None = None
    username: str = ""
    id: UUID = field(default_factory=new_id)


class TestIdentity:
    """Signs tokens with a key of its own and provides the policy of the built-in roles."""

    __test__ = False

    def __init__(self, contracts: Path) -> None:
        roles = json.loads((contracts / "roles.json").read_text())
        self.policy: dict[str, Any] = {
            "roles": {role["name"]: role["permissions"] for role in roles},
            "void_users": {},
            "void_sessions": [],
        }
        self._key = OKPKey.generate_key("Ed25519", parameters={"kid": "test"}, private=True)
        self.keys = {"keys": [self._key.as_dict(private=False)]}
        self.authority = Authority(StaticSource(self.policy, self.keys))

    def token(self, user: User, **claims: Any) -> str:
        """An access token of this person."""
        now = int(time.time())
        content = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user.id),
            "kind": "user",
            "roles": list(user.roles),
            "department_id": str(user.department_id) if user.department_id else None,
            "sid": "test-session",
            "epoch": 1,
            "iat": now,
            "exp": now + 600,
        }
        header = {"alg": ALGORITHM, "kid": "test", "typ": TOKEN_TYPE}
        return jwt.encode(header, content | claims, self._key, algorithms=[ALGORITHM])
