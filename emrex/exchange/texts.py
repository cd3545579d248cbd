"""What the pages of a transfer say about kinds of education, in English; translated there."""

from __future__ import annotations

from collections.abc import Mapping

from register.records import Sector

SECTORS: Mapping[Sector, str] = {
    Sector.VO: "Secondary education",
    Sector.MBO: "Vocational education and training",
    Sector.HBO: "Higher professional education",
    Sector.WO: "Academic higher education",
    Sector.NT2: "Dutch as a second language",
    Sector.OTHER: "Other education",
}
"""The headings that a document sorts diplomas under."""
