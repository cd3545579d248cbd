"""From a picture to evidence: it has no seal, and a code in it never makes it more.

A genuine code in a photo earns a hint: scan the code itself. A code that claims to be
ours and is not lowers the verdict. A code about anything else says nothing (3.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.intake import kind_of
from verifier.picture import codes, pixels
from verifier.qr.reader import CodeReader, claims_to_be_ours
from verifier.verdict import (
    CODE_CHECKS,
    CheckName,
    CheckResult,
    Details,
    Evidence,
    failed,
    not_done,
)

if TYPE_CHECKING:
    from datetime import datetime

SCAN_THE_CODE = "scan_the_code"
_NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class PictureReader:
    """Reads photos, scans and screenshots."""

    address: str

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence about the picture; one that cannot be decoded still has no seal."""
        without = failed(CheckName.SEAL_PRESENT, "picture")
        try:
            texts = codes.texts_in(pixels.decode(data, kind_of(data)))
        except pixels.NotDecoded as refusal:
            return Evidence((without, not_done(CheckName.CODE_ADDRESS, refusal.reason)))
        inside = judged(texts, self.address, trust, now)
        return replace(inside, checks=(without, *inside.checks))


def judged(texts: Iterable[str], address: str, trust: bytes | None, now: datetime) -> Evidence:
    """What the codes inside a file say about that file: never their facts, at most a flag."""
    reader = CodeReader(address)
    seen = [reader.judge(text, trust, now) for text in texts]
    ours = [one for one in seen if claims_to_be_ours(one)]
    for result in (CheckResult.FAIL, CheckResult.NOT_DONE, CheckResult.PASS):
        for one in ours:
            if _worst(one) is result:
                flags = (SCAN_THE_CODE,) if result is CheckResult.PASS else one.flags
                return Evidence(one.checks, flags=flags, details=_of_list(one.details))
    return _NOTHING


def _worst(seen: Evidence) -> CheckResult:
    results = {seen.of(name).result for name in CODE_CHECKS}
    if CheckResult.FAIL in results:
        return CheckResult.FAIL
    return CheckResult.NOT_DONE if CheckResult.NOT_DONE in results else CheckResult.PASS


def _of_list(details: Details) -> Details:
    """A key that signed a code did not sign the file around it."""
    return Details(
        trust_list_serial=details.trust_list_serial,
        trust_list_issued_at=details.trust_list_issued_at,
    )
