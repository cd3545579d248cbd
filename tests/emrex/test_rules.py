"""Each rule has a document that breaks it, and only that one; what is lenient stays so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from emrex.elmo.form import form
from emrex.elmo.lists import lists
from emrex.elmo.rules import RULES, Finding, Severity, every_finding
from emrex.elmo.texts import ADVICE
from emrex.elmo.writing import NAMESPACE
from tests import judges

XSD = "{http://www.w3.org/2001/XMLSchema}"
OF_THE_FILE = {
    *("not-gzip", "remark", "schema", "schema-missing", "schema-misplaced", "schema-too-much"),
    *("schema-value", "schema-attribute"),
}
"""Found before there are elements to look at, or by a schema."""
STATUS = "<status>passed</status>"
ECTS = STATUS + "<credit><scheme>ects</scheme><value>5</value></credit>"
TITLE = '<title xml:lang="nl">Vak</title>'
PDF = "data:application/pdf;base64,JVBERi0xLjc="
MOMENT = "2026-11-21T13:00:00Z"
LEARNER = "<learner><givenNames/><familyName/></learner>"


def los(
    loi: str = STATUS,
    kind: str = "Course",
    *,
    identifier: str = "",
    title: str = TITLE,
    more: str = "",
    parts: str = "",
) -> str:
    name, done = "learningOpportunitySpecification", "learningOpportunityInstance"
    return (
        f"<{name}>{identifier}{title}<type>{kind}</type>{more}"
        f"<specifies><{done}>{loi}</{done}></specifies>{parts}</{name}>"
    )


def part(loi: str = STATUS, kind: str = "Course") -> str:
    return f"<hasPart>{los(loi, kind)}</hasPart>"


def report(inside: str, issuer: str = "1", url: str = "<url>https://x.example/</url>") -> str:
    return (
        f'<report><issuer><identifier type="brin">{issuer}</identifier>{TITLE}{url}</issuer>'
        f"{inside}{'' if '<issueDate>' in inside else f'<issueDate>{MOMENT}</issueDate>'}</report>"
    )


def attachment(content: str) -> str:
    return f"<attachment><content>{content}</content></attachment>"


def found(body: str, learner: str = LEARNER) -> list[Finding]:
    head = f"<generatedDate>{MOMENT}</generatedDate>{learner}"
    return list(every_finding(etree.fromstring(f'<elmo xmlns="{NAMESPACE}">{head}{body}</elmo>')))


WHOLE = los()
SCHEME = f'<issueDate>{MOMENT}</issueDate><gradingScheme localId="y"/>'
BROKEN = {
    "ects-twice": report(los(ECTS, "Degree Programme", parts=part(ECTS))),
    "nesting": report(los(parts=part(ECTS, "Module"))),
    "dangling-ref": report(los("<attachments><ref>a</ref></attachments>")),
    "unknown-scheme": report(los("<gradingSchemeLocalId>x</gradingSchemeLocalId>") + SCHEME),
    "local-id-twice": report(2 * los(identifier='<identifier type="local">1</identifier>')),
    "unknown-group": report(los('<grouping typeref="t" idref="g"/>')),
    "empty-element": report(los("<resultLabel/>")),
    "title-language": report(los(title="<title>Wiskunde</title>")),
    "not-a-data-uri": report(WHOLE) + attachment("JVBERi0xLjc="),
    "not-a-pdf": report(WHOLE) + attachment("data:application/pdf;base64,PGh0bWw+"),
    "term-elsewhere": report(
        los(
            f"<academicTerm>{TITLE}<start>2026-09-01</start><end>2027-08-31</end></academicTerm>",
            "Degree Programme",
        )
    ),
    "report-empty": report(""),
    "report-twice": report(WHOLE) + report(WHOLE),
    "unknown-value": report(los("<status>gehaald</status>")),
    "unknown-kind": report(los(kind="Workshop")),
    "hash-differs": report(WHOLE)
    + '<extension><transfer xmlns="https://x.example/elmo/1"><hash>0</hash></transfer></extension>',
    "missing-element": report(WHOLE, url=""),
    "order": report(los("<status>passed</status><date>2026-11-21</date>")),
    "not-a-date": report(los("<date>21-11-2026</date>")),
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
        report(los("<resultLabel>8</resultLabel>")),  # 4.72: no status is passed
        report(los(more="<novelty>x</novelty>")),  # 4.74: elements nobody knows
        report(los("<level><type>DE.HZB</type><value>4</value></level>")),
        report(los(ECTS, parts=part(kind="Class"))),
        report(WHOLE) + report(WHOLE, "2"),
        report(WHOLE) + attachment(PDF),
        report(los("<date>2026-11-21Z</date>")),
        report(los('<resultDistribution><category label="A" count="5"/></resultDistribution>')),
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
    (one,) = found(report(WHOLE) + report(WHOLE + los(title="<title>x</title>"), "2"))

    assert one.place == "report[2]/learningOpportunitySpecification[2]/title"


def test_kinds_nobody_knows_are_no_more_than_a_warning() -> None:
    """emrex.md 4.74: ELMO announces that there will be more of them."""
    kinds = found(report(los(kind="Workshop")) + "<attachment><type>Badge</type></attachment>")

    assert [(one.rule, one.severity, one.place) for one in kinds] == [
        ("unknown-kind", Severity.WARNING, "report/learningOpportunitySpecification/type"),
        ("unknown-kind", Severity.WARNING, "attachment/type"),
    ]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("<learner><gender>3</gender></learner>", "learner[2]/gender"),
        ("<learner><citizenship>Nederland</citizenship></learner>", "learner[2]/citizenship"),
        ("<report><issuer><country>nl</country></issuer></report>", "report/issuer/country"),
        (los("<credit><level>-</level></credit>"), "credit/level"),
    ],
)
def test_a_word_that_is_not_on_a_closed_list_is_found_without_any_schema(
    body: str, place: str
) -> None:
    """emrex.md 2.5."""
    told = [one for one in found(body) if one.rule == "unknown-value"]

    assert [one.severity for one in told] == [Severity.ERROR]
    assert told[0].place.endswith(place)


@pytest.mark.parametrize(
    ("body", "learner", "place", "lacking"),
    [
        (report(WHOLE), "", "elmo", ("learner",)),
        ("", LEARNER, "elmo", ("report",)),
        (report(WHOLE), "<learner><familyName/></learner>", "learner", ("givenNames",)),
        (report(WHOLE), "<learner/>", "learner", ("givenNames", "familyName")),
        (report(WHOLE, url=""), LEARNER, "report/issuer", ("url",)),
        ("<report><issuer/></report>", LEARNER, "report/issuer", ("identifier", "title", "url")),
        (
            report(los(title="")),
            LEARNER,
            "report/learningOpportunitySpecification",
            ("title",),
        ),
    ],
)
def test_what_is_required_is_missed_without_any_schema(
    body: str, learner: str, place: str, lacking: tuple[str, ...]
) -> None:
    """emrex.md 2.5: and the finding names it."""
    told = found(body, learner)

    assert Finding("missing-element", place, lacking) in told


def test_what_comes_too_late_is_told_with_what_it_belongs_before() -> None:
    """emrex.md 2.5: each parent once."""
    body = report(SCHEME + WHOLE)

    assert [one for one in found(body) if one.rule == "order"] == [
        Finding("order", "report/learningOpportunitySpecification", ("gradingScheme",))
    ]


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("2026-11-21", True),
        ("2026-11-21+01:00", True),
        ("2026-02-30", False),
        ("2026-11", False),
        ("20261121", False),
        (MOMENT, False),
    ],
)
def test_a_day_is_a_day(written: str, *, is_one: bool) -> None:
    """emrex.md 2.5, 4.45."""
    told = found(report(los(f"<date>{written}</date>")))

    assert [one.rule for one in told] == ([] if is_one else ["not-a-date"])


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        (MOMENT, True),
        ("2026-11-21T13:00:00.5+01:00", True),
        ("2026-11-21T13:00:00", True),
        (f" {MOMENT} ", True),
        ("2026-11-21", False),
        ("2026-11-21T25:00:00Z", False),
        ("2026-11-21 13:00:00Z", False),
    ],
)
def test_a_moment_is_a_moment(written: str, *, is_one: bool) -> None:
    """emrex.md 2.5, 4.45."""
    told = found(report(f"{WHOLE}<issueDate>{written}</issueDate>"))

    assert [one.rule for one in told] == ([] if is_one else ["not-a-date"])


def test_our_form_is_that_of_the_schema() -> None:
    """emrex.md 2.5: order, what is required, and the dates, as 1.7 has them."""
    schema = etree.parse(judges.standards() / "elmo" / "xsd" / "v1.7.0" / "schema.xsd")
    ours = form()
    told = {
        name: sequence
        for kind in schema.iter(XSD + "complexType")
        for name, sequence in children(kind)
    }

    for name, order in ours.order.items():
        theirs = told[name]
        assert order == {one: place for place, one in enumerate(theirs)}
        assert ours.required[name] == tuple(one for one, (needed, _) in theirs.items() if needed)
    typed = {
        f"{name.rpartition('/')[2]}/{child}": kind
        for name in ours.order
        for child, (_, kind) in told[name].items()
    }
    assert ours.days == {place for place, kind in typed.items() if kind == "xs:date"}
    assert ours.moments == {place for place, kind in typed.items() if kind == "xs:dateTime"}


def children(kind: etree._Element) -> Iterator[tuple[str, dict[str, tuple[bool, str]]]]:
    """What a type has in order, whether each is required, and of which type; by two names."""
    names = [str(one.get("name")) for one in (kind, *kind.iterancestors()) if one.get("name")]
    sequence = kind.find(XSD + "sequence")
    if sequence is None:
        return
    listed = {
        str(one.get("name") or one.get("ref")).removeprefix("ds:"): (
            one.get("minOccurs", "1") != "0",
            str(one.get("type")),
        )
        for one in sequence.iterchildren(XSD + "element")
    }
    own, above, *_ = (*(name[:1].lower() + name[1:] for name in names), "", "")
    yield own, listed
    yield f"{above}/{own}", listed


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
