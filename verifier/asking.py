"""Asking others during a check. What nobody can tell now, or tells wrongly, is "not done".

An answer counts only when it has exactly the agreed type: a source that is away, slow,
out of date or talks nonsense costs a document its green and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.errors import IndexUnavailable, SharesUnavailable, StatusUnavailable
from verifier.extract_data import NotExtractData
from verifier.ports import IssuedDocument, ShareStatus, Status
from verifier.verdict import Check, CheckName, failed, not_done, passed

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.ports import IssuedFacts, IssuedIndex, Shares, StatusSource
    from verifier.verdict import Facts


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom a check may ask; None is nobody."""

    index: IssuedIndex | None
    statuses: StatusSource | None
    shares: Shares | None
    trust: Callable[[], bytes | None]
    facts: IssuedFacts | None = None

    def trust_list(self) -> bytes | None:
        """The published list of keys; None when it cannot be had."""
        try:
            found = self.trust()
        except OSError:
            return None
        return found if isinstance(found, bytes) else None

    def identity(self, sha256: str) -> tuple[Check, str | None]:
        """Whether we issued exactly these bytes, and under which number."""
        name = CheckName.KNOWN_BYTES
        if self.index is None:
            return not_done(name, "offline"), None
        try:
            issued: object = self.index.find(sha256)
        except (IndexUnavailable, OSError):
            return not_done(name, "index_unavailable"), None
        if issued is None:
            return failed(name, "not_known"), None
        if not isinstance(issued, IssuedDocument):
            return not_done(name, "index_unavailable"), None
        return passed(name, "exactly_as_issued"), issued.number

    def printed(self, number: str | None) -> Facts | None:
        """The facts that our own record has of a document; None when nobody can tell them."""
        if self.facts is None or number is None:
            return None
        try:
            return self.facts.printed(number)
        except (NotExtractData, OSError):
            return None

    def recorded(self, covered: str) -> bool | None:
        """Whether the ledger knows a seal over these bytes; None when nobody can say."""
        if self.index is None:
            return None
        try:
            known: object = self.index.knows_covered(covered)
        except (IndexUnavailable, OSError):
            return None
        return known if isinstance(known, bool) else None

    def status(self, number: str | None) -> Check:
        """The register's word of today."""
        name = CheckName.STATUS
        if self.statuses is None:
            return not_done(name, "offline")
        if number is None:
            return not_done(name, "number_unknown")
        try:
            status: object = self.statuses.status(number)
        except (StatusUnavailable, OSError):
            return not_done(name, "status_unavailable")
        if not isinstance(status, Status):
            return not_done(name, "status_unavailable")
        return passed(name, "good") if status is Status.GOOD else failed(name, status.value)

    def share(self, secret: str) -> Check:
        """Whether a share link still opens."""
        name = CheckName.SHARE
        if self.shares is None:
            return not_done(name, "shares_not_here")
        try:
            status: object = self.shares.status(secret)
        except (SharesUnavailable, OSError):
            return not_done(name, "shares_unavailable")
        if status is ShareStatus.ENDED:
            return failed(name, "share_ended")
        is_open = status is ShareStatus.OPEN
        return passed(name, "share_open") if is_open else not_done(name, "shares_unavailable")


NOBODY = Sources(None, None, None, lambda: None)
