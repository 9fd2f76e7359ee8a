"""Signing access tokens, and rotating the keys while several processes sign.

Every process reads the key from the database each time it signs, so all switch at the same moment.
A new key is shown to verifiers a minute before it signs, an old one until the last token that it
signed has expired.  Private keys are sealed with a secret that is not in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from kehu_auth import environment
from kehu_auth.features.keys import rules
from kehu_auth.features.keys.models import SigningKey
from kehu_auth.lifetimes import AFTER_ACCESS_TOKEN
from kehu_chassis import clock
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.identity.tokens import ALGORITHM, TOKEN_TYPE
from kehu_chassis.records import audit

log = logging.getLogger(__name__)

_LOCK = "signing-keys"
_SEAL = {"alg": "dir", "enc": "A256GCM"}


def sign(session: Session, claims: Mapping[str, Any]) -> str:
    """An access token with these claims."""
    kid, key = _signing_key(session)
    header = {"alg": ALGORITHM, "kid": kid, "typ": TOKEN_TYPE}
    return jwt.encode(header, dict(claims), key, algorithms=[ALGORITHM])


def public_keys(session: Session) -> dict[str, Any]:
    """The JWKS document: every key by which valid tokens are, were or will be signed."""
    rows = _shown(session)
    if not rows:
        _signing_key(session)
        rows = _shown(session)
    return {"keys": [_jwk(row) for row in rows]}


def list_(session: Session) -> list[SigningKey]:
    """All keys that are shown to verifiers, newest first."""
    return list(reversed(_shown(session)))


def rotate(session: Session, *, compromised: bool = False) -> SigningKey:
    """Make a new key.  After a compromise it signs at once and the others are void at once."""
    advisory_lock(session, _LOCK)
    now = clock.now()
    signs_from = now if compromised else now + rules.NOTICE
    expires_at = now if compromised else signs_from + AFTER_ACCESS_TOKEN
    _let_expire(session, expires_at)
    row = _new_key(session, signs_from)
    audit.note(
        session,
        action="rotated-compromised" if compromised else "rotated",
        record_type="signing_key",
        record_id=row.kid,
    )
    return row


def rotate_if_old(session: Session) -> str | None:
    """Rotate when the newest key has reached its age; returns the new key's id if so."""
    advisory_lock(session, _LOCK)
    newest = session.scalar(select(SigningKey.created_at).order_by(SigningKey.created_at.desc()))
    if newest is None or newest > clock.now() - rules.AGE:
        return None
    return rotate(session).kid


def purge(session: Session) -> int:
    """Delete expired keys; returns how many."""
    result = session.execute(delete(SigningKey).where(SigningKey.expires_at < clock.now()))
    return result.rowcount  # type: ignore[attr-defined]


def _signing_key(session: Session) -> tuple[str, OKPKey]:
    found = _usable(session)
    if found is None:
        # The first key of all, or the secret was changed and the old ones cannot be unsealed.
        advisory_lock(session, _LOCK)
        found = _usable(session)
    if found is None:
        now = clock.now()
        _let_expire(session, now + AFTER_ACCESS_TOKEN)
        row = _new_key(session, now)
        found = row.kid, _unsealed(row)
    return found


def _let_expire(session: Session, expires_at: datetime) -> None:
    """Let all keys expire, also one that does not sign yet; an earlier expiry stays."""
    session.execute(
        update(SigningKey)
        .where(or_(SigningKey.expires_at.is_(None), SigningKey.expires_at > expires_at))
        .values(expires_at=expires_at)
    )


def _usable(session: Session) -> tuple[str, OKPKey] | None:
    now = clock.now()
    row = session.scalars(
        select(SigningKey)
        .where(
            SigningKey.signs_from <= now,
            or_(SigningKey.expires_at.is_(None), SigningKey.expires_at > now),
        )
        .order_by(SigningKey.signs_from.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    try:
        return row.kid, _unsealed(row)
    except JoseError:
        log.warning("a signing key cannot be unsealed: KEHU_INTERNAL_KEY has changed")
        return None


def _new_key(session: Session, signs_from: Any) -> SigningKey:
    key = OKPKey.generate_key("Ed25519", private=True)
    parts = key.as_dict(private=True)
    row = SigningKey(
        kid=secrets.token_urlsafe(12),
        public=parts["x"],
        sealed_private=jwe.encrypt_compact(_SEAL, json.dumps({"d": parts["d"]}), _sealing_key()),
        created_at=clock.now(),
        signs_from=signs_from,
        expires_at=None,
    )
    session.add(row)
    session.flush()
    return row


def _unsealed(row: SigningKey) -> OKPKey:
    sealed = jwe.decrypt_compact(row.sealed_private, _sealing_key())
    assert sealed.plaintext is not None
    private = json.loads(sealed.plaintext)["d"]
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": row.public, "d": private})


def _sealing_key() -> OctKey:
    secret = environment.internal_key().encode()
    return OctKey.import_key(hmac.digest(secret, b"kehu signing keys v1", hashlib.sha256))


def _shown(session: Session) -> list[SigningKey]:
    return list(
        session.scalars(
            select(SigningKey)
            .where(or_(SigningKey.expires_at.is_(None), SigningKey.expires_at > clock.now()))
            .order_by(SigningKey.created_at)
        )
    )


def _jwk(row: SigningKey) -> dict[str, Any]:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": ALGORITHM,
        "use": "sig",
        "kid": row.kid,
        "x": row.public,
    }
