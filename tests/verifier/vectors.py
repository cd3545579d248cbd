"""One file of the published kit and the verdicts that any implementation must give about it."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.verdict import VerdictCode

GENUINE = VerdictCode.GENUINE_STATUS_UNKNOWN
ALTERED, NOT_OURS = VerdictCode.ALTERED, VerdictCode.NOT_OURS
NOT_ORIGINAL, CANNOT = VerdictCode.NOT_ORIGINAL, VerdictCode.CANNOT_CHECK
CURRENT, COMPARE = VerdictCode.GENUINE_CURRENT, VerdictCode.QR_GENUINE_COMPARE

ENDINGS = {
    "pdf": "pdf",
    "qr": "txt",
    "share": "txt",
    "xml": "xml",
    "json": "json",
    "jws": "jws",
    "gzip": "gz",
    "base64": "b64",
}


@dataclass(frozen=True, slots=True)
class Vector:
    """One file of the kit and what is true of it at the moment of the kit."""

    kind: str
    variant: str
    data: bytes
    verdict: VerdictCode
    """By the trust list alone."""
    note: str = ""
    today: VerdictCode | None = None
    """With the statuses of the kit; None where it follows from the verdict without them."""

    @property
    def name(self) -> str:
        """Where it lies in the folder of the kit."""
        return f"{self.kind}/{self.variant}.{ENDINGS.get(self.kind, 'bin')}"

    @property
    def known_today(self) -> VerdictCode:
        """The verdict with the statuses of the kit at hand: what is genuine is also good."""
        if self.today is not None or self.verdict is not GENUINE:
            return self.today or self.verdict
        return COMPARE if self.kind == "qr" else CURRENT
