"""The noun that every document starts from: what we state, about which record, for what.

An extract is decided before anything is drawn or signed. The same extract under the
same `TEMPLATE_VERSION` gives the same unsigned bytes on every machine (pdf.md 3.1).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime

from register.records import AwardRecord

TEMPLATE_VERSION = "2026-11-29.2"
"""Raised with every change to a template, a text, a font, the press or typst: so do the bytes."""


class Language(enum.StrEnum):
    """Language of the document, not of the education."""

    NL = "nl"
    EN = "en"
    DE = "de"


class Purpose(enum.StrEnum):
    """What the holder says the extract is for. Asked for the timeline, never printed."""

    GENERAL = "general"
    WORK = "work"
    STUDY = "study"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Extract:
    """One statement about one award, in one language, made at one moment.

    Raises:
        ValueError: the moment is not UTC in whole seconds, so it could not be
            written down twice in the same way.
    """

    number: str
    language: Language
    purpose: Purpose
    issued_at: datetime
    record: AwardRecord

    def __post_init__(self) -> None:
        """Refuse a moment that a second reading would write differently."""
        if self.issued_at.tzinfo is not UTC or self.issued_at.microsecond:
            raise ValueError("issued_at is UTC in whole seconds")

    @property
    def template(self) -> str:
        """Version of the template that draws it."""
        return TEMPLATE_VERSION

    @property
    def records(self) -> tuple[AwardRecord, ...]:
        """The one record that it states."""
        return (self.record,)
