"""The one road of a check: limits, byte identity, reading, status, verdict.

Whatever cannot be asked is "not done" and costs the document its green; whatever a
file provokes ends at this boundary as "we could not check this file".
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.deciding import decide
from verifier.errors import IndexUnavailable, ReadingFailed, StatusUnavailable
from verifier.intake import admit
from verifier.knowing import from_record
from verifier.ports import Status
from verifier.verdict import Check, CheckName, CheckResult, Evidence, failed, not_done, passed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from verifier.ports import IssuedFacts, IssuedIndex, Reading, StatusSource
    from verifier.verdict import Verdict

_SEAL_CHECKS = (CheckName.SEAL_OURS, CheckName.SEAL_INTACT, CheckName.NOTHING_ADDED)


class Verifier:
    """Gives a true answer about any bytes. Keeps nothing of them."""

    def __init__(  # noqa: PLR0913 - the ports of a check
        self,
        *,
        index: IssuedIndex | None,
        statuses: StatusSource | None,
        trust: Callable[[], bytes | None],
        reading: Reading,
        clock: Callable[[], datetime],
        facts: IssuedFacts | None = None,
    ) -> None:
        self._index = index
        self._statuses = statuses
        self._trust = trust
        self._reading = reading
        self._clock = clock
        self._facts = facts

    def verify(self, data: bytes, *, offline: bool = False) -> Verdict:
        """The one verdict about these bytes. Never raises because of them."""
        now = self._clock()
        return decide(self._evidence(data, now, offline=offline), checked_at=now)

    def verify_fingerprint(self, sha256: str) -> Verdict | None:
        """The verdict about an issued file of which only the SHA-256 (hex) came.

        Facts come from our record, only those printed in that file. None when we never
        issued it, or cannot say: then the file itself is needed.
        """
        now = self._clock()
        identity, number = self._identity(sha256, offline=False)
        if identity.result is not CheckResult.PASS:
            return None
        checks = (passed(CheckName.FILE_TYPE, "fingerprint"), identity)
        seen = from_record(self._facts, number) or Evidence(document_number=number)
        seen = replace(seen, checks=(*checks, *seen.checks))
        return decide(self._with_status(seen, offline=False), checked_at=now)

    def _evidence(self, data: bytes, now: datetime, *, offline: bool) -> Evidence:
        admitted = admit(data)
        if admitted.result is not CheckResult.PASS:
            return Evidence((admitted,))
        identity, number = self._identity(_sha256(data), offline=offline)
        seen = from_record(self._facts, number) or self._read(data, now)
        checks = (admitted, identity, *seen.checks)
        seen = replace(seen, checks=checks, document_number=number or seen.document_number)
        return self._with_status(self._with_ledger(seen, offline=offline), offline=offline)

    def _identity(self, sha256: str, *, offline: bool) -> tuple[Check, str | None]:
        name = CheckName.KNOWN_BYTES
        if offline or self._index is None:
            return not_done(name, "offline"), None
        try:
            issued = self._index.find(sha256)
        except IndexUnavailable:
            return not_done(name, "index_unavailable"), None
        if issued is None:
            return failed(name, "not_known"), None
        return passed(name, "exactly_as_issued"), issued.number

    def _read(self, data: bytes, now: datetime) -> Evidence:
        try:
            return self._reading.read(data, self._trust(), now)
        except ReadingFailed as failure:
            return Evidence((not_done(CheckName.SEAL_PRESENT, failure.public),))
        except Exception:  # noqa: BLE001 - the sandbox boundary: no file may reach further
            return Evidence((not_done(CheckName.SEAL_PRESENT, "damaged"),))

    def _with_ledger(self, seen: Evidence, *, offline: bool) -> Evidence:
        """Flags that only the ledger can give about a seal of ours on bytes it does not know."""
        digest, known = seen.covered_digest, seen.of(CheckName.KNOWN_BYTES).result
        sealed = all(seen.of(name).result is CheckResult.PASS for name in _SEAL_CHECKS)
        if offline or self._index is None or digest is None or not sealed:
            return seen
        if known is not CheckResult.FAIL:
            return seen
        try:
            recorded = self._index.knows_covered(digest)
        except IndexUnavailable:
            return seen
        flag = "archive_missing" if recorded else "seal_not_recorded"
        return replace(seen, flags=(*seen.flags, flag))

    def _with_status(self, seen: Evidence, *, offline: bool) -> Evidence:
        return replace(seen, checks=(*seen.checks, self._status(seen, offline=offline)))

    def _status(self, seen: Evidence, *, offline: bool) -> Check:
        """Today's word of the register; asked only about a file that proved itself."""
        name = CheckName.STATUS
        proven = seen.of(CheckName.KNOWN_BYTES).result is CheckResult.PASS or all(
            seen.of(one).result is CheckResult.PASS for one in _SEAL_CHECKS
        )
        if not proven:
            return not_done(name, "not_asked")
        if offline or self._statuses is None:
            return not_done(name, "offline")
        if seen.document_number is None:
            return not_done(name, "number_unknown")
        return _judged(self._statuses, seen.document_number, seen.flags)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _judged(statuses: StatusSource, number: str, flags: tuple[str, ...]) -> Check:
    """What the register says, unless our own ledger has never heard of the seal."""
    name = CheckName.STATUS
    try:
        status = statuses.status(number)
    except StatusUnavailable:
        return not_done(name, "status_unavailable")
    if status is not Status.GOOD:
        return failed(name, status.value)
    if "seal_not_recorded" in flags:  # our key without our ledger: never green
        return not_done(name, "seal_not_recorded")
    return passed(name, "good")
