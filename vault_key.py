"""The key that encrypts national numbers: where it is, and when one may be made."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Engine

from register.errors import RegisterUnavailable
from settings import Settings
from storage.engine import unit_of_work

MASTER_KEY_BYTES = 32
_MISSING = "The key of the national numbers is missing or damaged: restore it from the backup."


def master_key(settings: Settings, engine: Engine) -> bytes:
    """The key of the vault; made where there is none and nothing was encrypted yet.

    Raises:
        RegisterUnavailable: it is missing or damaged, and numbers were stored under it.
    """
    path = settings.vault_key_file or settings.home / "secrets" / "vault.key"
    if not path.exists() and settings.vault_key_file is None and not _has_numbers(engine):
        _write_secret(path, secrets.token_bytes(MASTER_KEY_BYTES))
    try:
        key = path.read_bytes()
    except OSError as cause:
        raise RegisterUnavailable(_MISSING) from cause
    if len(key) != MASTER_KEY_BYTES:
        raise RegisterUnavailable(_MISSING)
    return key


def _has_numbers(engine: Engine) -> bool:
    """Whether numbers were stored under a key; another one would not find them."""
    with unit_of_work(engine) as session:
        return session.execute(text("SELECT 1 FROM identity_number LIMIT 1")).first() is not None


def _write_secret(path: Path, secret: bytes) -> None:
    """Create a file that only its owner can read; an existing one is never replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
