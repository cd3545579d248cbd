"""Where the two national numbers are kept: encrypted, and found only by a keyed hash.

Encryption hides a number from somebody who reads the database; the keyed hash
lets a login find its holder without decrypting anything. Nine digits are too few
for a plain hash, which anybody could reverse by counting.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from register.errors import InvalidNumber
from register.national_numbers import NumberKind

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D 8.2: 96 bits


class Vault:
    """Seals numbers and finds them again, with two keys derived from one master key."""

    def __init__(self, master: bytes, *, random: Callable[[int], bytes] = token_bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError("the vault's master key has 32 bytes")
        self._aead = AESGCM(_derived(master, b"echt register: encryption of national numbers"))
        self._hash_key = _derived(master, b"echt register: lookup of national numbers")
        self._random = random

    def seal(self, person_id: str, kind: NumberKind, number: str) -> bytes:
        """Encrypt a number so that it opens only for this person and this kind."""
        nonce = self._random(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, number.encode("ascii"), _bound(person_id, kind))

    def open(self, person_id: str, kind: NumberKind, sealed: bytes) -> str:
        """Decrypt a number.

        Raises:
            InvalidNumber: changed, moved to another person, or sealed with another key.
        """
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._aead.decrypt(nonce, text, _bound(person_id, kind)).decode("ascii")
        except (InvalidTag, ValueError) as cause:
            raise InvalidNumber("A stored number cannot be opened with this key.") from cause

    def lookup(self, kind: NumberKind, number: str) -> bytes:
        """The keyed hash under which a number is stored; the same number gives the same hash."""
        return hmac.digest(self._hash_key, f"{kind}:{number}".encode(), hashlib.sha256)


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def _bound(person_id: str, kind: NumberKind) -> bytes:
    # An id holds no line feed, so two different pairs never give the same bytes.
    return f"{kind}\n{person_id}".encode()
