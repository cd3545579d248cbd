"""What an ELMO document must be that no schema can say (emrex.md 2.5), as findings with ids.

A finding is for people: what, where, and what to do. Ids are stable; the texts are English here
and translated where they are shown.
"""

from __future__ import annotations

import base64
import binascii
import enum
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from emrex.elmo import form
from emrex.elmo.hashing import differing
from emrex.elmo.lists import lists
from emrex.elmo.places import Places, local_name
from emrex.elmo.texts import ADVICE
from emrex.elmo.writing import LANGUAGE, NAMESPACE

if TYPE_CHECKING:
    from lxml.etree import _Element


class Severity(enum.StrEnum):
    """How bad it is for somebody who reads the document."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken at a place, told as a path of element names with numbers."""

    rule: str
    place: str
    expected: tuple[str, ...] = ()
    """Names of the elements that the advice ends with."""
    versions: tuple[str, ...] = ()
    """The published schemas that say so; empty for our own rules."""

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return RULES[self.rule]

    @property
    def advice(self) -> str:
        """What to do about it."""
        return ADVICE[self.rule]


RULES: Mapping[str, Severity] = {
    "not-gzip": Severity.ERROR,
    "remark": Severity.ERROR,
    "schema": Severity.ERROR,
    "schema-missing": Severity.ERROR,
    "schema-misplaced": Severity.ERROR,
    "schema-too-much": Severity.ERROR,
    "schema-value": Severity.ERROR,
    "schema-attribute": Severity.ERROR,
    "missing-element": Severity.ERROR,
    "order": Severity.ERROR,
    "not-a-date": Severity.ERROR,
    "ects-twice": Severity.ERROR,
    "nesting": Severity.ERROR,
    "dangling-ref": Severity.ERROR,
    "unknown-scheme": Severity.ERROR,
    "local-id-twice": Severity.ERROR,
    "unknown-group": Severity.WARNING,
    "empty-element": Severity.ERROR,
    "title-language": Severity.WARNING,
    "not-a-data-uri": Severity.ERROR,
    "not-a-pdf": Severity.WARNING,
    "term-elsewhere": Severity.WARNING,
    "report-empty": Severity.WARNING,
    "report-twice": Severity.ERROR,
    "unknown-value": Severity.ERROR,
    "unknown-kind": Severity.WARNING,
    "hash-differs": Severity.ERROR,
}
_ORDER = ("Degree Programme", "Module", "Course", "Class")
_MAY_BE_EMPTY = {"givenNames", "familyName", "grouping", "category"}
_PDF = "data:application/pdf;base64,"
_DEEP = 1000  # a multiple of four, as base64 is read
MOST = 50
"""Places of one rule that are told; who has more has the same one often."""


def findings(root: _Element) -> Iterator[Finding]:
    """Broken rules of a document in the order of the rules, the first fifty places of each."""
    places = Places()
    for rule, find in form.LOOKS.items():
        for element, expected in islice(find(root), MOST):
            yield Finding(rule, places.of(element), expected)
    for rule, look in _LOOKS.items():
        for element in islice(look(root), MOST):
            yield Finding(rule, places.of(element))


def every_finding(root: _Element) -> Iterator[Finding]:
    """The same, and the hashes inside that do not fit: every file in it is hashed for that."""
    yield from findings(root)
    places = Places()
    for element in islice(differing(root), MOST):
        yield Finding("hash-differs", places.of(element))


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _all(root: _Element, name: str) -> Iterator[_Element]:
    return root.iter(_name(name))


def _text(element: _Element, *path: str) -> str:
    found = element.find("/".join(map(_name, path)))
    return "" if found is None else (found.text or "").strip()


def _opportunities(root: _Element) -> Iterator[_Element]:
    return _all(root, "learningOpportunitySpecification")


def _above(element: _Element) -> Iterator[_Element]:
    return element.iterancestors(_name("learningOpportunitySpecification"))


def _instance(opportunity: _Element) -> _Element | None:
    return opportunity.find(f"{_name('specifies')}/{_name('learningOpportunityInstance')}")


def _has_ects(opportunity: _Element) -> bool:
    instance = _instance(opportunity)
    found = [] if instance is None else instance.findall(_name("credit"))
    return any(_text(credit, "scheme").casefold() == "ects" for credit in found)


def _ects_twice(root: _Element) -> Iterator[_Element]:
    for one in _opportunities(root):
        if _has_ects(one) and any(map(_has_ects, _above(one))):
            yield one


def _nesting(root: _Element) -> Iterator[_Element]:
    for one in _opportunities(root):
        above = next(_above(one), None)
        if above is None:
            continue
        outer, inner = _text(above, "type"), _text(one, "type")
        if outer in _ORDER and inner in _ORDER and _ORDER.index(outer) > _ORDER.index(inner):
            yield one


def _dangling(root: _Element) -> Iterator[_Element]:
    known = {
        (identifier.text or "").strip()
        for attachment in _all(root, "attachment")
        for identifier in attachment.findall(_name("identifier"))
    }
    for reference in _all(root, "ref"):
        if (reference.text or "").strip() not in known:
            yield reference


def _unknown_scheme(root: _Element) -> Iterator[_Element]:
    for report in _all(root, "report"):
        known = {scheme.get("localId") for scheme in report.findall(_name("gradingScheme"))}
        for used in _all(report, "gradingSchemeLocalId"):
            if (used.text or "").strip() not in known:
                yield used


def _local_id_twice(root: _Element) -> Iterator[_Element]:
    for report in _all(root, "report"):
        seen: Counter[str] = Counter()
        for identifier in _local_ids(report):
            seen[identifier.text or ""] += 1
            if seen[identifier.text or ""] > 1:
                yield identifier


def _local_ids(report: _Element) -> Iterator[_Element]:
    for one in _opportunities(report):
        for identifier in one.findall(_name("identifier")):
            if identifier.get("type") == "local":
                yield identifier


def _unknown_group(root: _Element) -> Iterator[_Element]:
    known = {group.get("id") for group in _all(root, "group")}
    for grouping in _all(root, "grouping"):
        if grouping.get("idref") not in known:
            yield grouping


def _empty(root: _Element) -> Iterator[_Element]:
    for element in root.iter(f"{{{NAMESPACE}}}*"):
        bare = not len(element) and not (element.text or "").strip()
        if bare and local_name(element) not in _MAY_BE_EMPTY:
            yield element


def _without_language(root: _Element) -> Iterator[_Element]:
    for title in _all(root, "title"):
        above = title.getparent()
        is_of_supplement = above is not None and above.tag == _name("section")  # these have none
        if not is_of_supplement and not title.get(LANGUAGE):
            yield title


def _contents(root: _Element) -> Iterator[tuple[_Element, str]]:
    for attachment in _all(root, "attachment"):
        for content in attachment.findall(_name("content")):
            yield content, (content.text or "").strip()


def _no_data_uri(root: _Element) -> Iterator[_Element]:
    return (content for content, text in _contents(root) if not text.startswith("data:"))


def _no_pdf(root: _Element) -> Iterator[_Element]:
    for content, text in _contents(root):
        if text.startswith("data:") and not _is_pdf(text):
            yield content


def _is_pdf(uri: str) -> bool:
    try:
        head = base64.b64decode(uri[len(_PDF) : len(_PDF) + _DEEP], validate=True)
    except (binascii.Error, ValueError):
        return False
    return uri.startswith(_PDF) and head.startswith(b"%PDF-")


def _term_elsewhere(root: _Element) -> Iterator[_Element]:
    for term in _all(root, "academicTerm"):
        above = next(_above(term), None)
        if above is not None and _text(above, "type") not in {"Course", "Class", ""}:
            yield term


def _report_empty(root: _Element) -> Iterator[_Element]:
    for report in root.findall(_name("report")):
        if report.find(_name("learningOpportunitySpecification")) is None:
            yield report


def _report_twice(root: _Element) -> Iterator[_Element]:
    seen: set[tuple[tuple[str, str], ...]] = set()
    for report in root.findall(_name("report")):
        identifiers = report.findall(f"{_name('issuer')}/{_name('identifier')}")
        issuer = tuple((str(one.get("type")), one.text or "") for one in identifiers)
        if issuer in seen:
            yield report
        seen.add(issuer)


def _unlisted(root: _Element, known: Mapping[str, frozenset[str]]) -> Iterator[_Element]:
    """Elements with a word that is not on their list; empty ones break another rule."""
    for place, words in known.items():
        outer, _, inner = place.partition("/")
        for element in _all(root, inner):
            above, word = element.getparent(), " ".join((element.text or "").split())
            if above is not None and above.tag == _name(outer) and word and word not in words:
                yield element


_LOOKS: Mapping[str, Callable[[_Element], Iterator[_Element]]] = {
    "ects-twice": _ects_twice,
    "nesting": _nesting,
    "dangling-ref": _dangling,
    "unknown-scheme": _unknown_scheme,
    "local-id-twice": _local_id_twice,
    "unknown-group": _unknown_group,
    "empty-element": _empty,
    "title-language": _without_language,
    "not-a-data-uri": _no_data_uri,
    "not-a-pdf": _no_pdf,
    "term-elsewhere": _term_elsewhere,
    "report-empty": _report_empty,
    "report-twice": _report_twice,
    "unknown-value": lambda root: _unlisted(root, lists().closed),
    "unknown-kind": lambda root: _unlisted(root, lists().kinds),
}
