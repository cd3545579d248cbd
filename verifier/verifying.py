"""The one road of a check: intake, byte identity, reading, status, verdict.

Whatever is handed over takes this road: a file, the text of a code, a share link, a
fingerprint, a ZIP of files. Whatever cannot be asked is "not done" and costs the
document its green; whatever a file provokes ends at this boundary as "we could not
check this file".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.archives import NotOpened, open_archive
from verifier.asking import NOBODY, Sources
from verifier.deciding import decide
from verifier.errors import ReadingFailed
from verifier.intake import MAX_CODE, Kind, admit, kind_of
from verifier.knowing import from_record
from verifier.ports import Asked
from verifier.qr.address import share_secret, written_in
from verifier.verdict import (
    CODE_CHECKS,
    Check,
    CheckName,
    CheckResult,
    Details,
    Evidence,
    Way,
    failed,
    not_done,
    passed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from verifier.comparing import Comparison
    from verifier.ports import (
        Comparing,
        IssuedFacts,
        IssuedIndex,
        Provider,
        Reading,
        Shares,
        StatusSource,
    )
    from verifier.verdict import Verdict

_SEALED = (CheckName.SEAL_OURS, CheckName.SEAL_INTACT, CheckName.NOTHING_ADDED)
MAY_BE_ELMO = frozenset({Kind.XML, Kind.GZIP, Kind.BASE64})
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Verifier:
    """Gives a true answer about anything. Keeps nothing of it."""

    def __init__(  # noqa: PLR0913 - the ports of a check
        self,
        *,
        index: IssuedIndex | None,
        statuses: StatusSource | None,
        trust: Callable[[], bytes | None],
        reading: Reading,
        clock: Callable[[], datetime],
        address: str,
        shares: Shares | None = None,
        comparing: Comparing | None = None,
        facts: IssuedFacts | None = None,
        heard: Callable[[bytes], None] | None = None,
        providers: Callable[[], Sequence[Provider]] = tuple,
    ) -> None:
        self._sources = Sources(index, statuses, shares, trust, facts)
        self._alone = replace(NOBODY, trust=trust)
        self._reading = reading
        self._clock = clock
        self._comparing = comparing
        self._heard = heard
        """Is shown everything that comes in, and changes nothing."""
        self._address = address
        """The one host that our QR codes and share links name."""
        self._providers = providers

    def verify(self, data: bytes, *, offline: bool = False) -> Verdict:
        """The one verdict about these bytes. Never raises because of them."""
        return self._verified(data, kind_of(data), offline=offline)

    def verify_text(self, text: str, *, offline: bool = False) -> Verdict:
        """The verdict about pasted text: a code, a share link, signed data, whatever it is."""
        return self.verify(text.strip().encode("utf-8", "replace"), offline=offline)

    def verify_code(self, text: str, *, offline: bool = False) -> Verdict:
        """The verdict about what a camera read out of a QR code."""
        data = text.strip().encode("utf-8", "replace")
        if len(data) > MAX_CODE:
            return self._refused("too_large", Way.CODE)
        return self._verified(data, Kind.CODE, offline=offline)

    def verify_fingerprint(self, sha256: str, *, offline: bool = False) -> Verdict:
        """The verdict about a file of which only the SHA-256 (lower-case hex) came.

        Facts come from our record, only those printed in that file.
        """
        now, sources = self._clock(), self._alone if offline else self._sources
        if not _SHA256.fullmatch(sha256):
            return self._refused("not_a_fingerprint", Way.FINGERPRINT)
        identity, number = sources.identity(sha256)
        if identity.result is CheckResult.FAIL:
            identity = failed(identity.name, "fingerprint_not_known")
        seen = from_record(sources.printed(number), number) or Evidence(document_number=number)
        seen = replace(
            seen,
            checks=(passed(CheckName.FILE_TYPE, "fingerprint"), identity, *seen.checks),
            way=Way.FINGERPRINT,
            details=Details(file_sha256=sha256),
        )
        return decide(_with_status(seen, sources, now), checked_at=now)

    def verify_many(self, data: bytes, *, offline: bool = False) -> Iterator[tuple[str, Verdict]]:
        """A verdict about each file in a ZIP, one at a time, under a label that is safe to show.

        Anything that is no ZIP is one file without a label, and so is what is left of a ZIP
        that cannot be opened to its end. A ZIP in a ZIP is not opened. Never raises.
        """
        if kind_of(data) is not Kind.ZIP:
            yield "", self.verify(data, offline=offline)
            return
        try:
            for item in open_archive(data):
                refused = self._refused(item.refused, Way.FILE) if item.refused else None
                yield item.label, refused or self.verify(item.data, offline=offline)
        except NotOpened as cause:
            yield "", self._refused(cause.reason, Way.FILE)

    def changes(self, data: bytes) -> Comparison | None:
        """What changed in an altered file since our seal, to look at; None where it cannot show."""
        if self._comparing is None or kind_of(data) is not Kind.PDF:
            return None
        if admit(data, Kind.PDF).result is not CheckResult.PASS:
            return None
        return self._comparing.compare(data, self._sources.trust_list(), self._clock())

    def _refused(self, reason: str, way: Way) -> Verdict:
        evidence = Evidence((not_done(CheckName.FILE_TYPE, reason),), way=way)
        return decide(evidence, checked_at=self._clock())

    def _verified(self, data: bytes, kind: Kind, *, offline: bool) -> Verdict:
        now, sources = self._clock(), self._alone if offline else self._sources
        if self._heard is not None:
            self._heard(data)
        if kind is Kind.CODE:
            seen = self._code(data, sources, now)
        else:
            seen = self._file(data, kind, sources, now)
        return decide(_with_status(_with_ledger(seen, sources), sources, now), checked_at=now)

    def _code(self, data: bytes, sources: Sources, now: datetime) -> Evidence:
        """A share link, or the text of a code (steps 1 and 3)."""
        secret = share_secret(written_in(data), self._address)
        if secret is not None:
            return Evidence((sources.share(secret),), way=Way.SHARE)
        admitted = admit(data, Kind.CODE)
        if admitted.result is not CheckResult.PASS:
            return Evidence((admitted,), way=Way.CODE)
        seen = self._read(data, Kind.CODE, sources, now)
        return replace(seen, checks=(admitted, *seen.checks), way=Way.CODE)

    def _file(self, data: bytes, kind: Kind, sources: Sources, now: datetime) -> Evidence:
        """A file: is it one of ours to the letter, and what is in it (steps 0, 2, 4 to 6)."""
        admitted = admit(data, kind)
        if admitted.result is not CheckResult.PASS:
            return Evidence((admitted,))
        sha256 = hashlib.sha256(data).hexdigest()
        identity, number = sources.identity(sha256)
        seen = from_record(sources.printed(number), number) or self._read(data, kind, sources, now)
        return replace(
            seen,
            checks=(admitted, identity, *seen.checks),
            document_number=number or seen.document_number,
            way=Way.FILE,
            details=replace(seen.details, file_sha256=sha256),
        )

    def _read(self, data: bytes, kind: Kind, sources: Sources, now: datetime) -> Evidence:
        try:
            providers = tuple(self._providers()) if kind in MAY_BE_ELMO else ()
            asked = Asked(kind, self._address, providers)
            seen = self._reading.read(data, sources.trust_list(), now, asked)
            return replace(seen, checks=tuple(seen.checks))
        except ReadingFailed as failure:
            return Evidence((_unread(kind, failure.reason),))
        except Exception:  # noqa: BLE001 - the sandbox boundary: no file may reach further
            return Evidence((_unread(kind, "damaged"),))


def _unread(kind: Kind, reason: str) -> Check:
    return not_done(CheckName.CODE_SIGNED if kind is Kind.CODE else CheckName.SEAL_PRESENT, reason)


def _with_ledger(seen: Evidence, sources: Sources) -> Evidence:
    """Flags that only the ledger can give about a seal of ours on bytes it does not know."""
    digest, known = seen.covered_digest, seen.of(CheckName.KNOWN_BYTES).result
    sealed = all(seen.of(name).result is CheckResult.PASS for name in _SEALED)
    if digest is None or not sealed or known is not CheckResult.FAIL:
        return seen
    recorded = sources.recorded(digest)
    if recorded is None:
        return seen
    if not recorded:
        return replace(seen, flags=(*seen.flags, "seal_not_recorded"))
    is_pdf = seen.of(CheckName.FILE_TYPE).reason == Kind.PDF
    return replace(seen, flags=(*seen.flags, "archive_missing")) if is_pdf else seen


def _with_status(seen: Evidence, sources: Sources, now: datetime) -> Evidence:
    if seen.way is Way.SHARE:
        return seen
    check = _status(seen, sources)
    asked = check.result is not CheckResult.NOT_DONE
    moment = replace(seen.details, status_checked_at=now) if asked else seen.details
    return replace(seen, checks=(*seen.checks, check), details=moment)


def _status(seen: Evidence, sources: Sources) -> Check:
    """Today's word of the register; asked only about what proved itself."""
    if not _proven(seen):
        return not_done(CheckName.STATUS, "not_asked")
    check = sources.status(seen.document_number)
    if check.result is CheckResult.PASS and "seal_not_recorded" in seen.flags:
        return not_done(CheckName.STATUS, "seal_not_recorded")  # our key without our ledger
    return check


def _proven(seen: Evidence) -> bool:
    needed = CODE_CHECKS if seen.way is Way.CODE else _SEALED
    known = seen.of(CheckName.KNOWN_BYTES).result is CheckResult.PASS
    return known or all(seen.of(name).result is CheckResult.PASS for name in needed)
