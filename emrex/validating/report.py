"""What a document is worth, as a page and a program tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.rules import Finding
from emrex.errors import PayloadRefused
from emrex.packing import unpacked


@dataclass(frozen=True, slots=True)
class Report:
    """The signature and the rules: two separate results."""

    signature: SignatureVerdict
    reason: str
    """A stable key where the signature is not simply valid; else empty."""
    findings: tuple[Finding, ...] = ()


def report(data: bytes, certificates: Sequence[bytes]) -> Report:
    """Judge an ELMO file, or the value of a form, by these certificates (DER) alone."""
    try:
        document = data if data.lstrip()[:1] == b"<" else unpacked(data.decode("ascii"))
        found = accept(document, certificates)
    except UnicodeDecodeError:
        return Report(SignatureVerdict.INVALID, "not-base64")
    except PayloadRefused as cause:
        return Report(SignatureVerdict.INVALID, cause.reason)
    return Report(found.verdict, found.reason, found.findings)


def told(one: Report) -> dict[str, object]:
    """The report as JSON tells it."""
    findings = [
        {"rule": it.rule, "severity": it.severity, "place": it.place, "advice": it.advice}
        for it in one.findings
    ]
    return {"signature": one.signature, "reason": one.reason, "findings": findings}
