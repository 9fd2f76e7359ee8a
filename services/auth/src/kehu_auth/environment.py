"""The environment variables of the auth service alone; each is read when it is needed."""

from dataclasses import dataclass

from environs import Env

from kehu_chassis.config import contracts_path, read_or_exit
from kehu_chassis.config import threads as read_threads
from kehu_chassis.messaging.contracts import Contracts

MINIMUM_KEY = 16


@dataclass(frozen=True)
class FirstAdministrator:
    """The name and, if given, the password of the administrator made at first start."""

    username: str
    password: str | None


def internal_key() -> str:
    """The secret shared with the gateway (KEHU_INTERNAL_KEY), which also seals the signing keys."""
    return read_or_exit(_internal_key)


def first_administrator() -> FirstAdministrator:
    """KEHU_ADMIN_USERNAME and KEHU_ADMIN_PASSWORD."""
    return read_or_exit(
        lambda env: FirstAdministrator(
            username=env.str("KEHU_ADMIN_USERNAME", "") or "admin",
            password=env.str("KEHU_ADMIN_PASSWORD", "") or None,
        )
    )


def threads() -> int:
    """How many requests this process serves at once (KEHU_THREADS)."""
    return read_or_exit(read_threads)


def contracts() -> Contracts:
    """The contracts of this installation (KEHU_CONTRACTS)."""
    return Contracts(read_or_exit(contracts_path))


def _internal_key(env: Env) -> str:
    key: str = env.str("KEHU_INTERNAL_KEY").strip()
    if len(key) < MINIMUM_KEY:
        raise ValueError(f"KEHU_INTERNAL_KEY: must have at least {MINIMUM_KEY} characters")
    if not key.isascii() or not key.isprintable():
        # The gateway sends it in a header.
        raise ValueError("KEHU_INTERNAL_KEY: must be printable ASCII characters")
    return key
