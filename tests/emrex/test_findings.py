"""What the validator says of each official sample: every finding, its place and what is expected.

emrex.md 2.6 measured the schemas with two other programs and says what each sample breaks; here
is the whole table, by our rules alone and with the published schemas.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping

import pytest
from lxml import etree

from emrex.elmo.faults import causes
from emrex.elmo.rules import MOST, Finding
from emrex.elmo.schemas import RULES_ALONE
from emrex.elmo.texts import ADVICE
from emrex.elmo.writing import NAMESPACE
from emrex.validating.report import report, told
from tests.emrex.conftest import NOW, schemas
from tests.emrex.test_validating import FIRST_FOUR, SAMPLES, danish, sample
from xmlsig.parsing import parse_for_looking

STUDY = "report/learningOpportunitySpecification"
DONE = f"{STUDY}/specifies/learningOpportunityInstance"
LEVEL = f"{DONE}/credit/level"
REMARK = ("remark", "elmo", ())
UNTOLD = ("title-language", f"{STUDY}/title", ())
Told = tuple[str, str, tuple[str, ...]]


def no_pdf(place: str) -> Told:
    return ("not-a-pdf", f"{place}attachment/content", ())


DANISH = {
    ("missing-element", "report/issuer", ("url",)): 1,
    ("unknown-value", LEVEL, ()): 5,
    ("title-language", f"{DONE}/academicTerm/title", ()): 5,
    ("title-language", "attachment/title", ()): 1,
}
DANISH_BY_SCHEMA = {
    ("schema-missing", "report/issuer", ("title", "url")): 1,
    ("schema-value", LEVEL, ()): 5,
    ("schema-attribute", "attachment/content", ()): 1,
}
AFTER_CREDIT = (
    *("level", "languageOfInstruction", "engagementHours", "attachments", "grouping"),
    *("extension", "diplomaSupplement"),
)
FINDINGS: Mapping[str, tuple[dict[Told, int], dict[Told, int]]] = {
    "official/example-v1.0.0.xml": (
        {REMARK: 1, UNTOLD: 1, no_pdf("report/"): 1, no_pdf(""): 2},
        {},
    ),
    "official/example-v1.1.0.xml": (
        {REMARK: 1, UNTOLD: 1, no_pdf("report/"): 2, no_pdf(""): 1},
        {},
    ),
    "official/example-v1.2.xml": (
        {REMARK: 1, UNTOLD: 1, no_pdf("report/"): 2, no_pdf(""): 2},
        {("schema-misplaced", f"{DONE}/qualificationLevel", AFTER_CREDIT): 1},
    ),
    "official/example-v1.3.0.xml": (
        {REMARK: 1, UNTOLD: 1, no_pdf("report/"): 2, no_pdf(""): 2},
        {},
    ),
    "official/example-v1.4.0-to-v2.0.0.xml": (
        {
            REMARK: 1,
            UNTOLD: 1,
            no_pdf("report/"): 2,
            no_pdf(""): 2,
            no_pdf(f"{DONE}/diplomaSupplement/section/"): 1,
            no_pdf(f"{DONE}/diplomaSupplement/section/section/"): 1,
            ("ects-twice", f"{STUDY}/hasPart/learningOpportunitySpecification", ()): 1,
            ("empty-element", f"{DONE}/diplomaSupplement/introduction", ()): 1,
            ("term-elsewhere", f"{DONE}/academicTerm", ()): 1,
        },
        {},
    ),
    "official/example-de-v1.7-preview.xml": ({}, {}),
    "national/fi-kaisa-reformatted.xml": (
        {("not-a-data-uri", "attachment/content", ()): 1},
        {},
    ),
    "signed/dk-2016-default-prefix.gz.b64": (DANISH, DANISH_BY_SCHEMA),
    "signed/dk-2016-default-prefix.xml": (DANISH, DANISH_BY_SCHEMA),
    "signed/dk-2016-ns-prefixed-1.gz.b64": (DANISH, DANISH_BY_SCHEMA),
    "signed/dk-2016-ns-prefixed-1.xml": (DANISH, DANISH_BY_SCHEMA),
    "signed/dk-2016-BROKEN-signature.gz.b64": ({}, {}),
    "signed/no-2022-BROKEN-reformatted-after-signing.b64": (
        {
            ("not-gzip", "elmo", ()): 1,
            REMARK: 1,
            ("order", "report/issueDate", ("gradingScheme",)): 1,
            ("unknown-scheme", f"{DONE}/gradingSchemeLocalId", ()): 1,
            ("empty-element", f"{DONE}/attachments", ()): 2,
            ("empty-element", f"{STUDY}/extension", ()): 2,
        },
        {
            (
                "schema-misplaced",
                "report/gradingScheme",
                ("learningOpportunitySpecification", "issueDate"),
            ): 1
        },
    ),
}
"""By the sample: what our rules find, and what the schemas of 1.4 to 1.7 have against it."""


def counted(findings: tuple[Finding, ...]) -> Counter[Told]:
    """Places without their numbers, and how often."""
    return Counter(
        (one.rule, re.sub(r"\[[0-9]+\]", "", one.place), one.expected) for one in findings
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_every_official_sample_gets_its_findings(name: str) -> None:
    """emrex.md 2.6: with place and what is expected, with the schemas and without."""
    ours, by_schema = FINDINGS[name]
    alone = report(sample(name), [danish()], NOW, RULES_ALONE)
    whole = report(sample(name), [danish()], NOW, schemas())

    assert counted(alone.findings) == Counter(ours)
    assert counted(whole.findings) == Counter(ours | by_schema)
    of_schemas = [one for one in whole.findings if one.rule.startswith("schema")]
    assert {one.versions for one in of_schemas} <= {FIRST_FOUR}
    assert not of_schemas or whole.saw_schemas


@pytest.mark.parametrize("name", [one for one, told in SAMPLES.items() if told[2] == FIRST_FOUR])
def test_what_2_0_has_against_the_examples_of_1_x(name: str) -> None:
    """emrex.md 2.6: alternativeName, bday, credit/level, an opportunity without identifier."""
    root = parse_for_looking(sample(name)).getroot()
    faults = {"2.0.0": schemas()._faults(root, "2.0.0")}
    found = set(counted(causes(root, faults, ["2.0.0"])))

    of_learner = {("schema-misplaced", "learner/bday", ("alternativeName",))}
    of_results = {
        ("schema-misplaced", LEVEL, ("value",)),
        ("schema-misplaced", f"{STUDY}/title", ("identifier",)),
    }
    assert found == (of_learner if name.startswith("national") else of_learner | of_results)


def broken(body: str, space: str = NAMESPACE) -> tuple[Finding, ...]:
    document = f'<e:elmo xmlns:e="{space}">{body}</e:elmo>'.encode()
    return report(document, [], NOW, schemas()).findings


def test_a_place_is_found_under_any_prefix() -> None:
    """The paths of the schema's program name elements by prefix, and number them by name."""
    learner = "<e:learner><e:givenNames/><e:familyName/></e:learner>"
    body = f"<e:generatedDate>2026-11-21T13:00:00Z</e:generatedDate>{learner}<e:report/>"
    body += "<e:report><e:issuer><e:country>NL</e:country></e:issuer></e:report>"
    found = [one for one in broken(body) if one.rule.startswith("schema")]

    of_all = [one for one in found if one.versions == FIRST_FOUR]
    assert [(one.rule, one.place, one.expected) for one in of_all] == [
        ("schema-missing", "report[1]", ("issuer",)),
        ("schema-missing", "report[2]/issuer", ("identifier",)),
        ("schema-missing", "report[2]", ("learningOpportunitySpecification", "issueDate")),
    ]
    assert [one.versions for one in found if one.place == "elmo"] == [("1.4.0",)]  # no signature


def test_a_document_of_another_namespace_is_told_so_once() -> None:
    """emrex.md 2.4: no schema is for it, so none has a cause."""
    found = broken("<e:report/>", "http://purl.org/net/elmo")

    assert found == (Finding("schema", "elmo"),)


def test_a_document_of_2_0_is_held_to_2_0() -> None:
    """emrex.md 2.4: what 1.x wants is no fault of a document that cannot be 1.x."""
    body = "<e:learner><e:dateOfBirth>2001-05-14</e:dateOfBirth></e:learner>"
    found = [one for one in broken(body) if one.rule.startswith("schema")]

    assert found
    assert {one.versions for one in found} == {("2.0.0",)}


def test_no_value_of_the_document_is_repeated() -> None:
    """What the schema's program says names values, and they may be of somebody."""
    learner = "<e:learner><e:bday>Noor Jansen</e:bday><Noor/></e:learner>"
    body = f"<e:generatedDate>Noor</e:generatedDate>{learner}"
    found = report(f'<e:elmo xmlns:e="{NAMESPACE}">{body}</e:elmo>'.encode(), [], NOW, schemas())
    shown = str(told(found))

    assert "schema-value" in shown
    assert "Jansen" not in shown
    assert all(one.advice in ADVICE.values() for one in found.findings)


def test_a_document_of_nothing_but_faults_is_judged_at_once() -> None:
    """emrex.md 4.67: a place among ten thousand siblings was once counted for each of them."""
    body = "<e:report/>" * 40_000
    start = time.perf_counter()
    found = broken(body)

    assert time.perf_counter() - start < 8
    assert max(Counter(one.rule for one in found).values()) == MOST
    assert "report[50]" in {one.place for one in found}


def test_a_thousand_faults_are_not_a_thousand_findings() -> None:
    """A page for people; who has more than fifty has the same one often."""
    body = "<e:report><e:issueDate>x</e:issueDate></e:report>" * 1000
    tree = etree.fromstring(f'<e:elmo xmlns:e="{NAMESPACE}">{body}</e:elmo>')
    _, against = schemas().judged(tree)

    assert 0 < len(against) <= MOST
