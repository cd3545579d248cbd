"""A grant: what a client may fetch, from its request to the end of its token.

A code is spent by the first client that proves who it is and brings it, right or wrong: a code
that was brought wrongly is in the wrong hands. Nothing here knows a database or a clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from emrex.exchange.transaction import RETRY

CODE_LIVES = RETRY
"""For as long as the browser may fetch it a second time."""
TOKEN_LIVES = timedelta(minutes=5)
"""emrex.md 3.1. Together with the code less than a document is kept after hand-over."""
KEPT = timedelta(hours=2)
"""Longer than anything that hangs on a grant can last, and than its results may wait."""
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Grant:
    """One transfer of EMREX 2.0, beside the transaction that it shares with 1.x."""

    tid: str
    client_id: str
    redirect_uri: str
    state: str
    """The client's own, echoed as it came."""
    challenge: str
    created: datetime
    person_id: str = ""
    """Whose results; empty until there is a code, and where nobody was found."""
    has_results: bool = False
    code_until: datetime | None = None
    spent: datetime | None = None
    token_until: datetime | None = None

    def fits(self, client_id: str, redirect_uri: str, verifier: str, now: datetime) -> bool:
        """Whether a code is brought by whom, for where and with what it was asked."""
        return (
            self.code_until is not None
            and now < self.code_until
            and self.client_id == client_id
            and self.redirect_uri == redirect_uri
            and answers(self.challenge, verifier)
        )


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, as it is kept."""

    digest: str
    until: datetime


def answers(challenge: str, verifier: str) -> bool:
    """RFC 7636 4.6, with S256 and no other method."""
    if not VERIFIER.fullmatch(verifier):
        return False
    found = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest())
    return hmac.compare_digest(found.rstrip(b"=").decode("ascii"), challenge)


def code_of(tid: str, secret: str) -> str:
    """The code of a transfer, by the secret that only its browser holds.

    The same however often it is asked, so that it is kept nowhere, and an answer that got
    lost between two processes is given again as it was.
    """
    made = hmac.digest(secret.encode(), b"emrex2 code " + tid.encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode("ascii")
