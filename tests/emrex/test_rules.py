"""Each rule has a document that breaks it, and only that one; what is lenient stays so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from emrex.elmo.lists import lists
from emrex.elmo.rules import RULES, Finding, Severity, findings
from emrex.elmo.texts import ADVICE
from emrex.elmo.writing import NAMESPACE
from tests import judges

XSD = "{http://www.w3.org/2001/XMLSchema}"
OF_THE_FILE = {"not-gzip", "remark", "schema"}
"""Found before there are elements to look at."""
LOI = "<specifies><learningOpportunityInstance>{}</learningOpportunityInstance></specifies>"
ECTS = LOI.format("<credit><scheme>ects</scheme><value>5</value></credit>")
PDF = "data:application/pdf;base64,JVBERi0xLjc="


def los(inside: str, kind: str = "Course") -> str:
    name = "learningOpportunitySpecification"
    return f"<{name}><type>{kind}</type>{inside}</{name}>"


def part(inside: str, kind: str = "Course") -> str:
    return f"<hasPart>{los(inside, kind)}</hasPart>"


def report(inside: str, issuer: str = "1") -> str:
    return (
        f'<report><issuer><identifier type="brin">{issuer}</identifier></issuer>{inside}</report>'
    )


def attachment(content: str) -> str:
    return f"<attachment><content>{content}</content></attachment>"


def found(body: str) -> list[Finding]:
    return list(findings(etree.fromstring(f'<elmo xmlns="{NAMESPACE}">{body}</elmo>')))


WHOLE = los(LOI.format("<status>passed</status>"))
BROKEN = {
    "ects-twice": report(los(ECTS + part(ECTS), "Degree Programme")),
    "nesting": report(los(part(ECTS, "Module"))),
    "dangling-ref": report(los(LOI.format("<attachments><ref>a</ref></attachments>"))),
    "unknown-scheme": report(
        los(LOI.format("<gradingSchemeLocalId>x</gradingSchemeLocalId>"))
        + '<gradingScheme localId="y"/>'
    ),
    "local-id-twice": report(2 * los('<identifier type="local">1</identifier>' + ECTS)),
    "unknown-group": report(los(LOI.format('<grouping typeref="t" idref="g"/>'))),
    "empty-element": report(los(LOI.format("<resultLabel/>"))),
    "title-language": report(los("<title>Wiskunde</title>" + ECTS)),
    "not-a-data-uri": report(WHOLE) + attachment("JVBERi0xLjc="),
    "not-a-pdf": report(WHOLE) + attachment("data:application/pdf;base64,PGh0bWw+"),
    "term-elsewhere": report(
        los(
            LOI.format('<academicTerm><title xml:lang="nl">1</title></academicTerm>'),
            "Degree Programme",
        )
    ),
    "report-empty": report(""),
    "report-twice": report(WHOLE) + report(WHOLE),
    "unknown-value": report(los(LOI.format("<status>gehaald</status>"))),
    "unknown-kind": report(los(ECTS, "Workshop")),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_document_that_breaks_a_rule_is_told_so_and_nothing_else(rule: str) -> None:
    """emrex.md 4.39 to 4.47."""
    told = {one.rule for one in found(BROKEN[rule])} - {"empty-element"}

    assert told | {"empty-element"} == {rule, "empty-element"}


def test_every_rule_is_tried_has_a_severity_and_says_what_to_do() -> None:
    assert set(BROKEN) | OF_THE_FILE == set(RULES) == set(ADVICE)


@pytest.mark.parametrize(
    "body",
    [
        report(WHOLE),
        report(los(LOI.format("<resultLabel>8</resultLabel>"))),  # 4.72: no status is passed
        report(los(ECTS + "<novelty>x</novelty>")),  # 4.74: elements nobody knows
        report(los(LOI.format("<level><type>DE.HZB</type><value>4</value></level>"))),
        report(los(part(ECTS, "Class"), "Course")),
        report(WHOLE) + report(WHOLE, "2"),
        report(WHOLE) + attachment(PDF),
        report(WHOLE) + "<learner><givenNames/><familyName/></learner>",
    ],
)
def test_what_is_unusual_and_allowed_is_passed_over(body: str) -> None:
    """emrex.md 4.72, 4.74, 2.5."""
    assert found(body) == []


def test_a_report_without_results_is_no_more_than_a_warning() -> None:
    """emrex.md 4.73."""
    (one,) = found(BROKEN["report-empty"])

    assert (one.rule, one.severity) == ("report-empty", Severity.WARNING)


def test_a_place_leads_to_the_element() -> None:
    (one,) = found(report(WHOLE) + report(WHOLE + los("<title>x</title>" + ECTS), "2"))

    assert one.place == "report[2]/learningOpportunitySpecification[2]/title"


def test_kinds_nobody_knows_are_no_more_than_a_warning() -> None:
    """emrex.md 4.74: ELMO announces that there will be more of them."""
    kinds = found(report(los(ECTS, "Workshop")) + "<attachment><type>Badge</type></attachment>")

    assert [(one.rule, one.severity, one.place) for one in kinds] == [
        ("unknown-kind", Severity.WARNING, "report/learningOpportunitySpecification/type"),
        ("unknown-kind", Severity.WARNING, "attachment/type"),
    ]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("<learner><gender>3</gender></learner>", "learner/gender"),
        ("<learner><citizenship>Nederland</citizenship></learner>", "learner/citizenship"),
        ("<report><issuer><country>nl</country></issuer></report>", "report/issuer/country"),
        (los(LOI.format("<credit><level>-</level></credit>")), "credit/level"),
    ],
)
def test_a_word_that_is_not_on_a_closed_list_is_found_without_any_schema(
    body: str, place: str
) -> None:
    """emrex.md 2.5."""
    told = [one for one in found(body) if one.rule == "unknown-value"]

    assert [one.severity for one in told] == [Severity.ERROR]
    assert told[0].place.endswith(place)


def test_our_lists_are_every_list_of_the_schema() -> None:
    """emrex.md 2.5, 3.4: those of 1.7, and the countries that it takes from Europass."""
    folder = judges.standards() / "elmo" / "xsd"
    listed = {
        f"{outer}/{inner}": values
        for outer, inner, values in enumerations(folder / "v1.7.0" / "schema.xsd")
    }
    ((*_, countries),) = enumerations(folder / "references" / "EUROPASS_ISOCountries_V1.1.xsd")
    ours = lists()

    assert {**ours.closed, **ours.kinds} == listed | {
        "learner/citizenship": countries,
        "issuer/country": countries,
    }


def enumerations(file: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each list of a schema: its element, and the element or type that it stands in."""
    for kind in etree.parse(file).iter(XSD + "simpleType"):
        values = frozenset(str(one.get("value")) for one in kind.iter(XSD + "enumeration"))
        above = [str(one.get("name")) for one in (kind, *kind.iterancestors()) if one.get("name")]
        if values:
            inner, outer, *_ = (*above, "")
            yield outer[:1].lower() + outer[1:], inner, values
