"""PAdES seals (ETSI EN 319 142-1) on PDFs of our own renderer."""

from credentials.pades.reference import ReferenceSealer

__all__ = ["ReferenceSealer"]
