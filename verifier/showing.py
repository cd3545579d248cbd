"""How a verdict and its checks look: a drawing, a tone, a word and a sentence for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier import texts
from verifier.verdict import (
    Check,
    CheckName,
    CheckResult,
    VerdictCode,
    failed,
    not_done,
    passed,
)

if TYPE_CHECKING:
    from verifier.texts import Translate

SHAPES = {
    VerdictCode.GENUINE_CURRENT: "genuine",
    VerdictCode.GENUINE_STATUS_UNKNOWN: "status_unknown",
    VerdictCode.SUPERSEDED: "superseded",
    VerdictCode.WITHDRAWN: "withdrawn",
    VerdictCode.ALTERED: "altered",
    VerdictCode.NOT_OURS: "not_ours",
    VerdictCode.NOT_ORIGINAL: "not_original",
    VerdictCode.QR_GENUINE_COMPARE: "qr_genuine",
    VerdictCode.SHARE_ENDED: "ended",
    VerdictCode.CANNOT_CHECK: "cannot_check",
}
"""Drawings of the shell, one per verdict and each of its own outline."""

TONES = {
    VerdictCode.GENUINE_CURRENT: "genuine",
    VerdictCode.QR_GENUINE_COMPARE: "genuine",
    VerdictCode.SUPERSEDED: "look",
    VerdictCode.NOT_ORIGINAL: "look",
    VerdictCode.ALTERED: "changed",
    VerdictCode.WITHDRAWN: "changed",
    VerdictCode.NOT_OURS: "changed",
}
"""Nothing unknown is green: what is not named here has the tone of the unknown."""

STATUS_TOLD = {
    VerdictCode.GENUINE_CURRENT: passed(CheckName.STATUS, "good"),
    VerdictCode.GENUINE_STATUS_UNKNOWN: not_done(CheckName.STATUS, "status_unavailable"),
    VerdictCode.SUPERSEDED: failed(CheckName.STATUS, "superseded"),
    VerdictCode.WITHDRAWN: failed(CheckName.STATUS, "withdrawn"),
}
"""What the register said, by the verdict that a browser reached from it."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as the page shows it: a drawing, a word, a sentence."""

    drawing: str
    tone: str
    word: str
    sentence: str


def check_line(check: Check, translate: Translate) -> CheckLine:
    """This check in the language of the page; what is merely absent is never red."""
    drawing = {CheckResult.PASS: "pass", CheckResult.FAIL: "fail", CheckResult.NOT_DONE: "skip"}
    kind = "missing" if texts.is_merely_absent(check) else drawing[check.result]
    word = translate(texts.result_word(check))
    return CheckLine(f"check_{kind}", f"echt-{kind}", word, translate(texts.sentence(check)))


def two_parts(title: str) -> tuple[str, str]:
    """The word of the verdict, and what stands smaller below it."""
    for mark in (". ", "; "):
        word, found, rest = title.partition(mark)
        if found:
            return word, rest[:1].upper() + rest[1:]
    return title, ""


def by_fingerprint(code: VerdictCode, translate: Translate) -> dict[str, object]:
    """The words and the checks of a verdict that a browser reaches by itself."""
    word, rest = two_parts(translate(texts.WORDS[code].title))
    made = (
        passed(CheckName.FILE_TYPE, "fingerprint"),
        passed(CheckName.KNOWN_BYTES, "exactly_as_issued"),
        STATUS_TOLD[code],
    )
    return {
        "code": code,
        "word": word,
        "rest": rest,
        "shape": SHAPES[code],
        "tone": TONES.get(code, "unknown"),
        "why": translate(texts.BY_FINGERPRINT[code]),
        "next_step": translate(texts.WORDS[code].next_step),
        "checks": [check_line(check, translate) for check in made],
    }
