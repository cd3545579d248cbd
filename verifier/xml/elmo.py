"""The facts of an ELMO document (emrex.md 2.5), on the numbered lines of a diploma.

The caller hands over the root of a verified document; nothing else is looked at. What
is not known here is passed over, and HTML descriptions are never read.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from verifier.verdict import Facts

NAMESPACE = "https://github.com/emrex-eu/elmo-schemas/tree/v1"
MAX_RESULTS = 1000
MAX_TEXT = 500
_NS = {"e": NAMESPACE}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Text = dict[str, str]


def is_elmo(root: _Element) -> bool:
    """Whether this is the root of an ELMO document, of any version since 1.0."""
    return root.tag == f"{{{NAMESPACE}}}elmo"


def is_in_supplement(element: _Element) -> bool:
    """Whether it stands in a diploma supplement, which may have a signature of its own."""
    return any(one.tag == f"{{{NAMESPACE}}}diplomaSupplement" for one in element.iterancestors())


def facts_of(root: _Element) -> Facts:
    """The facts on numbered lines: one diploma in full, or several as a list."""
    given = _text(root, "e:learner/e:givenNames"), _text(root, "e:learner/e:familyName")
    facts: Facts = {"holder": {"name": " ".join(part for part in given if part)}}
    birth = _text(root, "e:learner/e:bday") or _text(root, "e:learner/e:dateOfBirth")
    if _DATE.match(birth):
        facts["holder"]["birthDate"] = birth[:10]
    place = _text(root, "e:learner/e:placeOfBirth")
    if place:
        facts["holder"]["birthPlace"] = place
    reports = root.findall("e:report", _NS)
    tops = [top for report in reports for top in _opportunities(report)]
    if len(reports) == 1 and len(tops) == 1:
        facts |= _diploma(reports[0], tops[0])
        tops = _parts(tops[0])
    facts["results"] = [_result(top) for top in islice(tops, MAX_RESULTS)]
    return facts


def _diploma(report: _Element, top: _Element) -> Facts:
    instance = "e:specifies/e:learningOpportunityInstance"
    awarded, status = _text(top, f"{instance}/e:date"), _text(top, f"{instance}/e:status")
    names = _titles(report.find("e:issuer", _NS))
    award = {"awarded": awarded if _DATE.fullmatch(awarded) else ""}
    if status in {"passed", ""}:  # a missing status means passed (emrex.md 2.5)
        award["result"] = "passed"
    institution = {"name": names[0]["text"]} if names else {}
    country = _text(report, "e:issuer/e:country")
    if country:
        institution["country"] = country
    programme: Facts = {"title": _titles(top)} | dict(_levels(top, f"{instance}/e:level"))
    return {"award": award, "institution": institution, "programme": programme}


def _levels(top: _Element, path: str) -> Iterator[tuple[str, str | int]]:
    for level in top.findall(path, _NS):
        kind, value = _text(level, "e:type"), _text(level, "e:value")
        if kind == "EQF" and value.isascii() and value.isdigit():
            yield "eqf", int(value[:2])
        if kind == "NLQF" and value:
            yield "nlqf", value


def _result(part: _Element) -> Facts:
    instance = "e:specifies/e:learningOpportunityInstance"
    result: Facts = {"subject": _titles(part), "counted": True}
    mark = _text(part, f"{instance}/e:resultLabel") or _text(part, f"{instance}/e:status")
    if mark:
        result["final"] = mark
    for credit in part.findall(f"{instance}/e:credit", _NS):
        if _text(credit, "e:scheme").casefold() == "ects":
            result["credits"] = _text(credit, "e:value")
    return result


def _opportunities(report: _Element) -> list[_Element]:
    return report.findall("e:learningOpportunitySpecification", _NS)


def _parts(top: _Element) -> list[_Element]:
    """All that a programme is made of, in the order of the document."""
    return list(
        islice(
            (
                one
                for part in top.iter(f"{{{NAMESPACE}}}hasPart")
                for one in part.findall("e:learningOpportunitySpecification", _NS)
            ),
            MAX_RESULTS,
        )
    )


def _titles(element: _Element | None) -> list[Text]:
    found = [] if element is None else element.findall("e:title", _NS)
    return [
        {"language": _language(one), "text": text}
        for one in islice(found, 10)
        if (text := _plain(one))
    ]


def _language(element: _Element) -> str:
    language = str(element.get(_LANGUAGE, ""))
    return language.lower() if _TAG.fullmatch(language) else "und"


def _text(element: _Element, path: str) -> str:
    found = element.find(path, _NS)
    return "" if found is None else _plain(found)


def _plain(element: _Element) -> str:
    """The text of an element that holds nothing but text."""
    if len(element):
        return ""
    return " ".join((element.text or "").split())[:MAX_TEXT]
