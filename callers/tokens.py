"""Access tokens of programs: random, opaque, and kept by their hash alone (RFC 6750)."""

from __future__ import annotations

import hashlib
import secrets

RANDOM_BYTES = 32
MAX_SIZE = 200
"""Of a token that is looked at; ours have 43 characters."""


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def digest(secret: str) -> str:
    """What is kept of a token, or of a code for one."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def token_in(authorization: str) -> str:
    """The token in an Authorization header (RFC 6750 2.1); empty where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= MAX_SIZE else ""
