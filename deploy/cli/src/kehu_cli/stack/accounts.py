"""The account under which PostgreSQL runs when root runs `kehu`: it refuses to run as root."""

import os
import pwd
import stat
import sys
from pathlib import Path
from typing import Any

# Accounts that exist on every Linux or are created by a PostgreSQL package, best first.
CANDIDATES = ("postgres", "nobody")


def account_for(data: Path) -> str | None:
    """Return the account to use: None for our own, else the data's owner or the best candidate."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return pwd.getpwuid(owner).pw_name
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError(
        f"none of the accounts {', '.join(CANDIDATES)} exists; run kehu as a plain user instead"
    )


def allow_traversal(path: Path) -> None:
    """Let other accounts traverse the folders above `path`, but not list or read them."""
    for folder in path.resolve().parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            print(
                f"kehu: PostgreSQL cannot run as root; letting it traverse {folder} (chmod o+x)",
                file=sys.stderr,
            )
            folder.chmod(mode | stat.S_IXOTH)


def hand_over(path: Path, account: str) -> None:
    """Give a file or folder to the account."""
    entry = pwd.getpwnam(account)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def as_user(name: str | None) -> dict[str, Any]:
    """Return the arguments that make `subprocess.Popen` run a program under another account."""
    if name is None:
        return {}
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
