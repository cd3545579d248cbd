"""Each rule has a document that breaks it, and only that one; what is lenient stays so."""

from __future__ import annotations

import pytest
from lxml import etree

from emrex.elmo.rules import RULES, Finding, Severity, findings
from emrex.elmo.texts import ADVICE
from emrex.elmo.writing import NAMESPACE

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
        report(los(ECTS + "<novelty>x</novelty>", "Workshop")),  # 4.74: types nobody knows
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
