"""What a document is worth, as a page and a program tell it."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emrex.accepting import Accepted, SignatureVerdict, accept
from emrex.elmo.rules import Finding, every_finding
from emrex.elmo.schemas import RULES_ALONE, Schemas
from emrex.errors import PayloadRefused
from emrex.packing import decoded, inflated

GZIP = b"\x1f\x8b"
GOOD = frozenset({SignatureVerdict.VALID, SignatureVerdict.VALID_LEGACY})
"""Verdicts on a signature that proves who made the document."""


@dataclass(frozen=True, slots=True)
class Report:
    """The signature and the rules: two separate results."""

    signature: SignatureVerdict
    reason: str
    """A stable key where the signature is not simply valid; else empty."""
    findings: tuple[Finding, ...] = ()
    version: str = ""
    """The oldest version of ELMO that has everything in it; empty where it was not read."""
    fits: tuple[str, ...] = ()
    """The published schemas that it is valid against."""

    @property
    def saw_schemas(self) -> bool:
        """Whether published schemas were at hand; without them there are our rules alone."""
        return bool(self.fits) or any(one.rule.startswith("schema") for one in self.findings)


def report(
    data: bytes,
    certificates: Sequence[bytes],
    now: datetime,
    schemas: Schemas = RULES_ALONE,
) -> Report:
    """Judge an ELMO file, packed or not, or the value of a form, by these certificates (DER)."""
    try:
        document, unusual = _document(data)
        found = accept(document, certificates, now, schemas, every_finding)
    except PayloadRefused as cause:
        return Report(SignatureVerdict.INVALID, cause.reason)
    return report_of(found, unusual)


def report_of(found: Accepted, unusual: tuple[Finding, ...] = ()) -> Report:
    """The report of a document that was read; `unusual` is what was odd about its packing."""
    findings = (*unusual, *found.findings)
    return Report(found.verdict, found.reason, findings, found.version, found.fits)


def _document(data: bytes) -> tuple[bytes, tuple[Finding, ...]]:
    """The XML in whatever it came in, and what is unusual about that."""
    if data.startswith(GZIP):
        return inflated(data), ()
    if data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        return data, ()
    plain = decoded(data.decode("ascii", "replace"))
    if plain.lstrip().startswith(b"<"):  # as some providers send it
        return plain, (Finding("not-gzip", "elmo"),)
    return inflated(plain), ()


def told(one: Report) -> dict[str, object]:
    """The report as JSON tells it."""
    findings = [
        {
            "rule": it.rule,
            "severity": it.severity,
            "place": it.place,
            "advice": it.advice,
            "expected": it.expected,
            "versions": it.versions,
        }
        for it in one.findings
    ]
    return {
        "signature": one.signature,
        "reason": one.reason,
        "version": one.version,
        "fits": one.fits,
        "findings": findings,
    }
