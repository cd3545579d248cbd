"""The revision under our seal, cut out of a file that was changed after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.pdf import outline
from verifier.pdf.reader import PdfReader, strictly
from verifier.pdf.syntax import Refused
from verifier.verdict import CheckName, CheckResult

if TYPE_CHECKING:
    from datetime import datetime

_WHOLE = 4
MAX_TRIED = 3
"""Seals; an upload has one, and a hostile one costs a whole examination each."""
_HOLDS = (
    CheckName.SEAL_PRESENT,
    CheckName.SEAL_OURS,
    CheckName.SEAL_INTACT,
    CheckName.NOTHING_ADDED,
    CheckName.TIME_STAMP,
)


def sealed_revision(data: bytes, trust: bytes | None, now: datetime) -> bytes | None:
    """The part of the file that is a whole file under an intact seal of ours, if one is.

    Never the file itself: a file that is still genuine was not changed.
    """
    try:
        seen = outline.outline(data, strictly(data)[0])
    except Refused:
        return None
    ends = [_end(one) for one in seen.signatures]
    for end in [end for end in ends if 0 < end < len(data)][:MAX_TRIED]:
        if _is_ours(data[:end], trust, now):
            return data[:end]
    return None


def _end(signature: outline.Signature) -> int:
    """Where the covered part of the file ends; 0 for a seal that does not cover its beginning."""
    stated = signature.byte_range
    if len(stated) != _WHOLE or stated[0] != 0:
        return 0
    return stated[2] + stated[3]


def _is_ours(part: bytes, trust: bytes | None, now: datetime) -> bool:
    try:
        evidence = PdfReader().read(part, trust, now)
    except Refused:
        return False
    return all(evidence.of(name).result is CheckResult.PASS for name in _HOLDS)
