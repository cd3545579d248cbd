"""Whether a receipt is ours: a pure function of the receipt, the trust list and the clock.

There is no time-stamp in a receipt, so once its key was in other hands nothing that key
signed proves anything any more: then we say that we cannot tell, and never "false".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keys import chains, jws
from keys.errors import TrustListInvalid
from keys.jws import Envelope
from keys.trust import CLOCK_SKEW, KeyEntry, KeyState, TrustList
from verifier.errors import NotAReceipt
from verifier.ourkeys import read_list
from verifier.receipts.form import PURPOSE, Receipt, open_receipt, receipt_of


class Standing(StrEnum):
    """What is true of a receipt."""

    OURS = "OURS"
    NOT_OURS = "NOT_OURS"
    """Not signed by us, or changed since."""
    CANNOT_CHECK = "CANNOT_CHECK"


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer about one receipt; what it says is told only when it is ours."""

    standing: Standing
    reason: str
    receipt: Receipt | None = None


def judge(token: str, trusted: bytes | None, now: datetime) -> Judged:
    """Say whether a receipt is ours, by the published trust list alone."""
    try:
        envelope = open_receipt(token.strip())
    except NotAReceipt:
        return Judged(Standing.NOT_OURS, "not_a_receipt")
    listed, problem = read_list(trusted, now)
    if listed is None:
        return Judged(Standing.CANNOT_CHECK, problem)
    return _by_list(envelope, listed, now)


def _by_list(envelope: Envelope, listed: TrustList, now: datetime) -> Judged:
    entry = listed.by_kid(envelope.kid)
    own = envelope.chain[0] if envelope.chain else b""
    if entry is None and _ours_but_newer(own, listed):
        return Judged(Standing.CANNOT_CHECK, "key_not_on_list_yet")
    if entry is None or entry.purpose != PURPOSE or entry.certificates[0] != own:
        return Judged(Standing.NOT_OURS, "key_not_ours")
    try:
        certificate = chains.load(entry.certificates[0])
        receipt = receipt_of(jws.verify(envelope, certificate))
    except (TrustListInvalid, NotAReceipt):
        return Judged(Standing.NOT_OURS, "changed")
    return _by_time(entry, receipt, listed, now)


def _ours_but_newer(own: bytes, listed: TrustList) -> bool:
    try:
        return listed.issued(own)
    except TrustListInvalid:
        return False


def _by_time(entry: KeyEntry, receipt: Receipt, listed: TrustList, now: datetime) -> Judged:
    if entry.state is KeyState.COMPROMISED:
        return Judged(Standing.CANNOT_CHECK, "key_compromised")
    if receipt.checked_at > now + CLOCK_SKEW:
        return Judged(Standing.CANNOT_CHECK, "from_the_future")
    if not listed.trusts(entry, receipt.checked_at):
        return Judged(Standing.NOT_OURS, "key_not_in_use")
    return Judged(Standing.OURS, "signed_by_us", receipt)
