"""One thing that somebody hands over, and where it stands in the table of the kit."""

from __future__ import annotations

from dataclasses import dataclass

HONEST = "honest"
"""What happens to genuine files without any bad intention; none of it may be called forged."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A file, or the text of a code, made from a fresh genuine document."""

    modus: str
    """F1 to F15 of verifier.md 2.3, or `honest`."""
    kind: str
    """pdf, xml, json, jws, code, png, jpeg or other: also the ending of its file."""
    name: str
    data: bytes

    @property
    def file(self) -> str:
        """Its path in the folder of the kit."""
        ending = {"code": "txt", "other": "bin"}.get(self.kind, self.kind)
        return f"{self.modus.lower()}/{self.name}.{ending}"
