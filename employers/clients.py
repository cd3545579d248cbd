"""A client: one program of one employer, known by its public keys and nothing else.

There is no shared secret. A client signs a statement with its own private key (RFC 7523),
with the one algorithm that its keys were registered for.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callers import keys as public_keys
from callers.errors import KeysRefused
from callers.keys import Jwk, Key
from employers.errors import RegistrationRefused


class ClientState(StrEnum):
    """Whether a client may ask for access."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Client:
    """A registered program."""

    client_id: str
    name: str
    """Of the employer; for the operator's own list."""
    algorithm: str
    """The one JOSE algorithm that its assertions carry."""
    keys: tuple[Jwk, ...]
    """Public keys (RFC 7517), each with a `kid`."""
    quota: int
    """Documents a day (UTC)."""
    webhook: str
    """Where word of finished jobs goes; empty for nowhere."""
    state: ClientState
    created_at: datetime

    def key(self, kid: str) -> Key | None:
        """The public key of exactly this name."""
        for one in self.keys:
            if one["kid"] == kid:
                return public_keys.imported(one)
        return None


def new_client_id() -> str:
    """A random name of 128 bits."""
    return secrets.token_hex(16)


def keys_in(data: bytes) -> tuple[str, tuple[Jwk, ...]]:
    """The algorithm and the public keys of a JWK set, or of one public key in PEM.

    Raises:
        RegistrationRefused: private, weak, of an unknown kind, or not all for one algorithm.
    """
    try:
        return public_keys.keys_in(data)
    except KeysRefused as cause:
        raise RegistrationRefused(cause.public) from cause
