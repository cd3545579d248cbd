"""The nouns of ELMO 1.7 (emrex.md 2.5), as far as a diploma register has something to say.

Names are those of the schema. A tuple may be empty and a text may be "": then the element
is not written, because an empty element says something else than a missing one.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime

Titles = tuple[tuple[str, str], ...]
"""Language (BCP 47) and text, the original first."""


class LosType(enum.StrEnum):
    """What a learning opportunity is; they nest in this order."""

    DEGREE_PROGRAMME = "Degree Programme"
    MODULE = "Module"
    COURSE = "Course"


class AttachmentType(enum.StrEnum):
    """What a file is."""

    DIPLOMA = "Diploma"
    TRANSCRIPT = "EMREX transcript"
    """About everything in the document; it stands at the root."""
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A code, and the list that it comes from."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a framework: EQF, NLQF, CEFR or a Dutch reference level."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Credit:
    """Study load; `value` is a decimal as registered, never a float."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Extension:
    """One element of our own namespace: what ELMO has no place for."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    parts: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF inside the document."""

    identifier: str
    type: AttachmentType
    titles: Titles
    content: bytes = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class GradingScheme:
    """How marks are meant; `local_id` is valid inside one document only."""

    local_id: str
    descriptions: Titles


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group that an instance is sorted under."""

    type_id: str
    group_id: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading to sort under, in English.

    Since 1.7 it may stand in several languages; then no reader of 1.6 could take the document.
    """

    group_id: str
    title: str


@dataclass(frozen=True, slots=True)
class GroupType:
    """A kind of headings."""

    type_id: str
    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """A learningOpportunityInstance: that somebody did it, when, and with what result."""

    day: date | None = None
    status: str = "passed"
    """passed, failed or in-progress."""
    grading_scheme: str = ""
    result_label: str = ""
    credits: tuple[Credit, ...] = ()
    levels: tuple[Level, ...] = ()
    attachments: tuple[str, ...] = ()
    """Identifiers of attachments in the same document."""
    grouping: Grouping | None = None
    extension: Extension | None = None


@dataclass(frozen=True, slots=True)
class Specification:
    """A learningOpportunitySpecification: what could be learnt, with its parts."""

    titles: Titles
    instance: Instance
    type: LosType
    identifiers: tuple[Identifier, ...] = ()
    parts: tuple[Specification, ...] = ()


@dataclass(frozen=True, slots=True)
class Issuer:
    """The institution whose results a report holds."""

    country: str
    """Empty where ELMO has no code for it."""
    identifiers: tuple[Identifier, ...]
    titles: Titles
    url: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of one institution."""

    issuer: Issuer
    specifications: tuple[Specification, ...]
    issued_at: datetime
    grading_schemes: tuple[GradingScheme, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Learner:
    """The holder."""

    given_names: str
    family_name: str
    birthday: date | None = None
    place_of_birth: str = ""


@dataclass(frozen=True, slots=True)
class Elmo:
    """A whole document, before it is signed."""

    generated_at: datetime
    learner: Learner
    reports: tuple[Report, ...]
    group_types: tuple[GroupType, ...] = ()
    extension: Extension | None = None
    attachments: tuple[Attachment, ...] = ()
    """About the reports together."""
