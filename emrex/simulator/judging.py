"""What a careful client makes of an answer: the command line and the page judge by this alone.

It looks in the order of emrex.md 2.2, and no further than the first thing that does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from emrex.accepting import Accepted, SignatureVerdict, accept
from emrex.elmo.schemas import RULES_ALONE, Schemas
from emrex.errors import PayloadRefused
from emrex.packing import decoded, inflated
from emrex.receiving.answer import Answer, Code
from emrex.receiving.document import Received, received
from emrex.receiving.fetch import Expected
from emrex.receiving.person import compared
from emrex.validating.report import Report, report_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a client knows of the question that an answer is for."""

    mark: str
    """Of the session that waits; empty where none does any more."""
    is_late: bool = False
    """Whether the session ended before an answer came."""
    person: Expected | None = None
    """Whose results are expected, where that is known."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, and what it is worth."""

    answer: Answer
    reason: str
    """A stable key of why nobody looked at the document; else empty."""
    report: Report | None = None
    """None where there was no document to look at."""
    packed: bytes = field(default=b"", repr=False)
    document: bytes = field(default=b"", repr=False)
    found: Accepted | None = None

    @property
    def received(self) -> Received | None:
        """What the document says; None where its signature proves nothing."""
        if self.found is None or self.found.root is None:
            return None
        return received(self.found, self.found.root, self.packed)


def mark_of(session_id: str) -> str:
    """What a client without a memory writes into its return address, to know its session by."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def judged(
    answer: Answer,
    waiting: Waiting,
    certificates: Sequence[bytes],
    clock: Callable[[], datetime],
    schemas: Schemas = RULES_ALONE,
) -> Judged:
    """Judge an answer by the certificates (DER) of the one provider that was asked."""
    reason = _not_looked_at(answer, waiting)
    if reason or not answer.elmo:
        return Judged(answer, reason)
    try:
        packed = decoded(answer.elmo)
        document = inflated(packed)
        found = accept(document, certificates, clock(), schemas)
    except PayloadRefused as refusal:
        return Judged(answer, "", Report(SignatureVerdict.INVALID, refusal.reason))
    whole = Judged(answer, "", report_of(found), packed, document, found)
    return Judged(answer, "other-person") if _is_of_another(whole, waiting) else whole


def _is_of_another(found: Judged, waiting: Waiting) -> bool:
    """Here a person decides (emrex.md 4.78), and until then nobody sees what is in it."""
    if waiting.person is None or found.received is None:
        return False
    return not compared(waiting.person, found.received.learner).agrees


def _not_looked_at(answer: Answer, waiting: Waiting) -> str:
    if waiting.is_late or not waiting.mark:
        return "late-session" if waiting.is_late else "used-session"
    if mark_of(answer.session_id) != waiting.mark:
        return "other-session"
    if answer.is_twice:
        return "fields"
    if answer.code is Code.UNKNOWN:
        return "unknown-code"
    if (answer.code is Code.OK) != bool(answer.elmo):
        return "no-document" if answer.code is Code.OK else "unasked-document"
    return ""
