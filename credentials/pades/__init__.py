"""PAdES seals (ETSI EN 319 142-1) on PDFs of our own renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from credentials.pades.preserver import SplicePreserver
from credentials.pades.splice import SpliceSealer

if TYPE_CHECKING:
    from credentials.pades.reference import ReferenceSealer

__all__ = ["ReferenceSealer", "SplicePreserver", "SpliceSealer"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever a module may hold
    """Load pyHanko only for who asks for the reference: a worker that seals does without it."""
    if name != "ReferenceSealer":
        raise AttributeError(name)
    from credentials.pades.reference import ReferenceSealer  # noqa: PLC0415 - see above

    return ReferenceSealer
