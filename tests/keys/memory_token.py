"""A token in memory behind the same port as the real one, which notices misuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from keys.algorithms import HASHES, PrivateKey
from keys.custody import PublicKey
from keys.errors import KeyUnavailable
from keys.files import new_private_key
from keys.sessions import TokenLost


@dataclass
class MemoryToken:
    """What a token can do, and what can happen to it."""

    keys: dict[str, PrivateKey] = field(default_factory=dict)
    present: bool = True
    connections: int = 0
    connected: bool = False
    sessions: list[MemorySession] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    """Every time that two threads were inside one session."""
    ended_in_use: int = 0
    """How often the connection ended while somebody was inside a session."""
    during: Callable[[], None] = lambda: None
    """Runs in the middle of every signature."""

    def connect(self, sessions: int) -> tuple[MemorySession, ...]:
        self.disconnect()
        if not self.present:
            raise KeyUnavailable("There is no token in the slot.")
        self.connections += 1
        self.connected = True
        self.sessions = [MemorySession(self) for _ in range(sessions)]
        return tuple(self.sessions)

    def disconnect(self) -> None:
        self.ended_in_use += sum(session.busy.locked() for session in self.sessions)
        self.drop_sessions()
        self.connected = False

    def drop_sessions(self) -> None:
        """What C_CloseAllSessions does: every handle is of no use any more."""
        for session in self.sessions:
            session.valid = False

    def pull(self) -> None:
        """Take the token out of its slot."""
        self.present = False
        self.drop_sessions()


class MemorySession:
    """One session; a lock that nobody waits for tells whether it is ever shared."""

    def __init__(self, token: MemoryToken) -> None:
        self._token = token
        self.valid = True
        self.busy = threading.Lock()
        self.uses = 0

    def sign(self, kid: str, algorithm: str, digest: bytes) -> bytes:
        if not self.busy.acquire(blocking=False):
            self._token.shared.append(kid)
            raise TokenLost("CKR_OPERATION_ACTIVE")
        try:
            self.uses += 1
            self._token.during()
            return _raw(self._key(kid), algorithm, digest)
        finally:
            self.busy.release()

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        self._require()
        if kid in self._token.keys:
            raise KeyUnavailable(f"The token has a key named {kid} already.")
        self._token.keys[kid] = new_private_key(algorithm)
        return self._token.keys[kid].public_key()

    def _key(self, kid: str) -> PrivateKey:
        self._require()
        if kid not in self._token.keys:
            raise TokenLost("no such key")
        return self._token.keys[kid]

    def _require(self) -> None:
        if not self.valid:
            raise TokenLost("CKR_SESSION_HANDLE_INVALID")


def _raw(key: PrivateKey, algorithm: str, digest: bytes) -> bytes:
    prehashed = Prehashed(HASHES[algorithm])
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), prehashed)
    size = (key.curve.key_size + 7) // 8
    numbers = decode_dss_signature(key.sign(digest, ec.ECDSA(prehashed)))
    return b"".join(number.to_bytes(size) for number in numbers)
