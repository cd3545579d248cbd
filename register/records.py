"""The nouns of the register: who was awarded what, where, and when it was known.

Nothing here is ever overwritten: a correction or a name change is a new version
of the record, and the highest version is the current one. National numbers are
not part of any noun; they live in the vault (`register.vault`) alone.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from register.dates import PartialDate


class Sector(enum.StrEnum):
    """Part of education that an award belongs to."""

    VO = "vo"
    MBO = "mbo"
    HBO = "hbo"
    WO = "wo"
    NT2 = "NT2"
    OTHER = "other"
    """Taken over from an exchange file that names no Dutch sector (ELMO)."""


class AwardStatus(enum.StrEnum):
    """What the register holds of an award today."""

    CURRENT = "current"
    CORRECTED = "corrected"
    """Current, and a later version of an earlier, wrong record."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one or more languages, keyed by BCP 47 tag; the first is the original."""

    by_language: tuple[tuple[str, str], ...]

    @property
    def original(self) -> tuple[str, str]:
        """Language and text as registered."""
        return self.by_language[0]

    def in_language(self, language: str) -> str | None:
        """The text in that language, or None."""
        return dict(self.by_language).get(language)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the parts in which it is registered. Case is as registered, text is NFC."""

    surname: str
    """`.` stands for "no surname known"; a longer surname may end in a real dot."""
    given: str = ""
    prefix: str = ""
    title: str = ""
    """Code of a noble title or predicate (population register, table 38), or empty."""
    gender: str = "O"
    """M, V or O (unknown); decides only the gendered form of the title."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the register knows. `person_id` is random and means nothing elsewhere."""

    person_id: str
    name: Name
    birth: PartialDate = field(default_factory=PartialDate)
    birth_place: str = ""
    birth_country: str = ""
    """ISO 3166-1 alpha-2, or empty when unknown."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class InstitutionName:
    """A name and the days on which it was the name; `until` is the first day it was not."""

    name: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Institution:
    """A school or university. `code` is a BRIN where `scheme` is "brin"."""

    code: str
    names: tuple[InstitutionName, ...]
    scheme: str = "brin"
    country: str = "NL"
    successor: str | None = None
    """Code of the institution it merged into."""

    def name_on(self, day: date) -> str:
        """The name in force on that day; the nearest one when the slices leave a gap."""
        ordered = sorted(self.names, key=lambda slice_: slice_.since)
        begun = [slice_ for slice_ in ordered if slice_.since <= day]
        return (begun[-1] if begun else ordered[0]).name


def today(institution: Institution, known: Mapping[str, Institution]) -> Institution:
    """The end of the chain of mergers, as far as it is known and does not turn back."""
    seen = {institution.code}
    while (code := institution.successor) and code in known and code not in seen:
        seen.add(code)
        institution = known[code]
    return institution


@dataclass(frozen=True, slots=True)
class Programme:
    """What was studied. `nlqf` is text because `4+` exists."""

    code: str
    """Unique key in the register; `scheme` says which list it comes from."""
    scheme: str
    """crebo, isat, vo, nt2, or the identifier type of an exchange file."""
    sector: Sector
    title: Text
    nlqf: str = ""
    eqf: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One line of results. Marks are text as registered (`7.1`), never floats."""

    subject: Text
    school_exam: str = ""
    central_exam: str = ""
    final: str = ""
    """Final mark, or passed/failed where the part has no mark."""
    credits: str = ""
    """ECTS, where the source states them."""
    level: str = ""
    """Language level of an NT2 part (B1, B2)."""
    day: date | None = None
    counted: bool = True
    """False for a subject outside the result."""


@dataclass(frozen=True, slots=True)
class Award:
    """One diploma or certificate, in one version of its record."""

    award_id: str
    person_id: str
    institution: str
    programme: str
    sector: Sector
    awarded: PartialDate
    """Day of the award; a source may know only the year or the month."""
    result: str = "passed"
    """passed or rejected."""
    degree: str = ""
    profile: Text | None = None
    """vo: the profile (Natuur en Techniek)."""
    thesis: str = ""
    """vo: title of the profielwerkstuk."""
    partial: bool = False
    """mbo: a certificate for a part of the qualification."""
    results: tuple[Result, ...] = ()
    status: AwardStatus = AwardStatus.CURRENT
    version: int = 1


@dataclass(frozen=True, slots=True)
class AwardRecord:
    """An award with everything it refers to: what an extract is made of."""

    award: Award
    person: Person
    institution: Institution
    programme: Programme
    institution_today: Institution
    """The end of the chain of mergers; the same institution when it never merged."""
