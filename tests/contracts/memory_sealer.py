"""A sealer without PDF: a real P-256 signature behind the document, nothing else."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from credentials.errors import SealingPaused, UnknownShape
from credentials.sealing import Level, Prepared, SealProfile
from keys.custody import KeyRef

_PREHASHED = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
_MARK = b"\n-- seal --\n"


class MemorySealer:
    """Signs what it prepared; breaks on request, as a token that was pulled out would."""

    def __init__(self, *, broken: bool = False) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._broken = broken
        self.key = KeyRef("memory-1", "ES256")
        self.profile = SealProfile(level=Level.B_B)
        self.used = 0

    def prepare(self, draft: bytes) -> Prepared:
        if not draft.startswith(b"%PDF-1.7\n"):
            raise UnknownShape("Only documents of our own renderer are sealed.")
        document = draft + _MARK
        return Prepared(document, hashlib.sha256(document).digest(), (len(document),) * 2)

    def seal(self, prepared: Prepared) -> bytes:
        if self._broken:
            raise SealingPaused("Sealing is paused. Nothing was issued.")
        self.used += 1
        return prepared.document + self._private.sign(prepared.covered_digest, _PREHASHED)

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        head, mark, signature = sealed.partition(_MARK)
        try:
            self._private.public_key().verify(signature, covered_digest, _PREHASHED)
        except InvalidSignature:
            return False
        return hashlib.sha256(head + mark).digest() == covered_digest
