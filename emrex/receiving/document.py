"""What a document from abroad says, for people to read: bounded, plain, and from verified XML.

The caller hands over the root that a signature was found right for, and nothing else is looked
at. What is not known here is passed over, and HTML is never read (emrex.md 2.5, 3.7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from emrex.accepting import Accepted
from emrex.elmo.rules import Finding
from emrex.elmo.writing import NAMESPACE

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_RESULTS = 1_000
"""Of one document; what comes after them is counted and not shown."""
MAX_FEW = 20
"""Languages of a title, levels, credits, attachments."""
MAX_TEXT = 300
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_JOINERS = "\u200c\u200d"
"""Letters of Persian and Indic names hang on them."""
_STATUSES = {"passed", "failed", "in-progress"}


@dataclass(frozen=True, slots=True)
class Said:
    """A text, and its language where the document tells it."""

    text: str
    language: str = ""


Titles = tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Learner:
    """Whose results they are, as the document says."""

    given_names: str
    family_name: str
    born: str
    birth_place: str
    birth_name: str

    @property
    def name(self) -> str:
        """The whole name."""
        return " ".join(part for part in (self.given_names, self.family_name) if part)


@dataclass(frozen=True, slots=True)
class Result:
    """A learning opportunity that somebody took."""

    titles: Titles
    type: str
    day: str
    status: str
    """passed, failed or in-progress; empty where it is a word that nobody knows."""
    mark: str
    levels: tuple[tuple[str, str], ...]
    """Framework and level."""
    credits: tuple[tuple[str, str], ...]
    """Scheme and value."""
    parts: tuple[Result, ...] = ()
    """Everything below it, in the order of the document."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one institution says."""

    institution: Titles
    country: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """A document that is believed, as far as people are shown it."""

    learner: Learner
    reports: tuple[Report, ...]
    left_out: int
    """Results beyond those that are shown."""
    attachments: tuple[tuple[str, Titles], ...]
    """Type and title; their content is not opened."""
    reason: str
    """Why the signature counts as an old one; else empty."""
    findings: tuple[Finding, ...]
    version: str
    packed: bytes = field(repr=False)
    """The file as it came, in gzip."""


def received(found: Accepted, root: _Element, packed: bytes) -> Received:
    """What a believed document says; `root` is its verified root."""
    reports, left_out = _reports(root)
    attachments = islice(root.iter(_name("attachment")), MAX_FEW)
    return Received(
        _learner(root),
        reports,
        left_out,
        tuple((_text(one, "type"), _titles(one)) for one in attachments),
        found.reason,
        found.findings,
        found.version,
        packed,
    )


def plain(text: str) -> str:
    """One line of letters: nothing that turns the direction of writing or hides something."""
    words = " ".join(text.split())
    return "".join(one for one in words if one.isprintable() or one in _JOINERS)[:MAX_TEXT]


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _text(element: _Element, *path: str) -> str:
    """The text of an element that holds nothing but text."""
    found = element.find("/".join(map(_name, path)))
    return "" if found is None or len(found) else plain(found.text or "")


def _titles(element: _Element | None) -> Titles:
    found = [] if element is None else islice(element.iterfind(_name("title")), MAX_FEW)
    said = (Said(plain(one.text or ""), _language(one)) for one in found if not len(one))
    return tuple(one for one in said if one.text)


def _language(element: _Element) -> str:
    told = str(element.get(_LANGUAGE, ""))
    return told if _TAG.fullmatch(told) else ""


def _learner(root: _Element) -> Learner:
    return Learner(
        _text(root, "learner", "givenNames"),
        _text(root, "learner", "familyName"),
        _text(root, "learner", "bday") or _text(root, "learner", "dateOfBirth"),
        _text(root, "learner", "placeOfBirth"),
        _text(root, "learner", "birthName"),
    )


def _reports(root: _Element) -> tuple[tuple[Report, ...], int]:
    room = _Room()
    made = tuple(_report(one, room) for one in islice(root.iterfind(_name("report")), MAX_RESULTS))
    return made, room.left_out


class _Room:
    """How many more results are shown."""

    def __init__(self) -> None:
        self._left = MAX_RESULTS
        self.left_out = 0

    def has(self) -> bool:
        """Whether there is room for one more; takes it."""
        self._left -= 1
        self.left_out += self._left < 0
        return self._left >= 0


def _report(report: _Element, room: _Room) -> Report:
    tops = report.iterfind(_name("learningOpportunitySpecification"))
    results = []
    for top in tops:
        is_shown = room.has()
        parts = tuple(_result(one) for one in _below(top) if room.has())
        if is_shown:
            results.append(_result(top, parts))
    issuer = report.find(_name("issuer"))
    return Report(_titles(issuer), _text(report, "issuer", "country"), tuple(results))


def _below(top: _Element) -> Iterator[_Element]:
    for part in top.iter(_name("hasPart")):
        yield from part.iterfind(_name("learningOpportunitySpecification"))


def _result(one: _Element, parts: tuple[Result, ...] = ()) -> Result:
    instance = one.find(f"{_name('specifies')}/{_name('learningOpportunityInstance')}")
    if instance is None:
        return Result(_titles(one), _text(one, "type"), "", "", "", (), (), parts)
    status = _text(instance, "status") or "passed"  # emrex.md 2.5
    return Result(
        _titles(one),
        _text(one, "type"),
        _text(instance, "date"),
        status if status in _STATUSES else "",
        _text(instance, "resultLabel"),
        _pairs(instance, "level", "type"),
        _pairs(instance, "credit", "scheme"),
        parts,
    )


def _pairs(instance: _Element, name: str, kind: str) -> tuple[tuple[str, str], ...]:
    found = islice(instance.iterfind(_name(name)), MAX_FEW)
    return tuple((_text(one, kind), _text(one, "value")) for one in found if _text(one, "value"))
