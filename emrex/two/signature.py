"""The signature over a body: a JWS with detached content (RFC 7515 appendix F).

The draft says that the body is signed and in which header that stands, not how (emrex.md 3.1,
UNVERIFIED). A JWS says itself with which key and algorithm; beside them stands for whom and
when, so that a body that was signed for one client does not pass for another's.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from emrex.errors import NotEmitted
from keys import jws
from keys.custody import SealSigner

ALGORITHM = "RS256"
FORM = re.compile(rb"[A-Za-z0-9_-]{1,1000}\.\.[A-Za-z0-9_-]{1,1000}")
TYPE = "echt-emrex-results+jws"
HEADER = "X-Signature"
ALGORITHM_HEADERS = ("X-Signature-Algorithm", "X-Signature-Alg")
"""The draft uses both names."""


def detached(body: bytes, signer: SealSigner, audience: str, now: datetime) -> str:
    """`header..signature`; put base64url of the body between the dots and verify.

    Raises:
        KeyUnavailable: custody cannot reach the key now.
        NotEmitted: the key is not one for RS256.
    """
    if signer.key.algorithm != ALGORITHM:
        raise NotEmitted("This document cannot be made.", "not-rs256")
    said = {
        "alg": ALGORITHM,
        "kid": signer.key.kid,
        "typ": TYPE,
        "aud": audience,
        "iat": int(now.timestamp()),
    }
    header = jws.encode(jws.canonical(said))
    signed = f"{header}.{jws.encode(body)}".encode("ascii")
    return f"{header}..{jws.encode(signer.sign_digest(hashlib.sha256(signed).digest()))}"
