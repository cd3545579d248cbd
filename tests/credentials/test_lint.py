"""Each lint lets our own paper pass and names the one thing that a planted defect broke."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from credentials.extract import Extract, Language
from credentials.lint import (
    LINTS,
    attachment_equals_record,
    holds_no_national_number,
    holds_nothing_active,
    is_of_our_renderer,
    page_count_is_sane,
    text_equals_record,
)
from credentials.printed import printed_text
from register.dates import PartialDate
from register.records import Name
from tests.credentials.paper import payload, renderer
from tests.credentials.people import PEOPLE, extract

RENDERER = renderer()


@pytest.fixture(name="pdf", scope="module")
def _pdf() -> bytes:
    asked = extract("hbo")
    return RENDERER.render(asked, payload(asked))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("person", PEOPLE)
def test_our_own_paper_passes_every_lint(person: str, language: Language) -> None:
    asked = extract(person, language)
    pdf = RENDERER.render(asked, payload(asked))
    assert [finding for lint in LINTS for finding in lint(pdf, asked)] == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (b"%PDF-1.7", b"%PDF-2.0", "not PDF 1.7"),
        (b"/Creator(Echt press 1)", b"/Creator(Other press 9)", "written by another program"),
        (b"%%EOF", b"%%EOF\njunk", "does not end where our renderer ends"),
        (b"/Marked true", b"/Marked null", "not tagged"),
        (b"/Lang(nl)", b"/Lang(fr)", "not in the language of the extract"),
    ],
)
def test_another_shape_is_found(pdf: bytes, old: bytes, new: bytes, finding: str) -> None:
    assert list(is_of_our_renderer(pdf.replace(old, new), extract("hbo"))) == [finding]


@pytest.mark.parametrize("name", [b"/JavaScript", b"/AcroForm", b"/URI", b"/Annots", b"/Encrypt"])
def test_anything_active_is_found(pdf: bytes, name: bytes) -> None:
    planted = pdf.replace(b"/Type/Catalog", b"/Type/Catalog" + name + b" 1 0 R")
    assert list(holds_nothing_active(planted, extract("hbo"))) == [f"holds {name.decode()}"]


@pytest.mark.parametrize(
    "planted",
    [
        b"/Open#41ction 1 0 R",
        b"/J#53(x)",
        b"/A#41 1 0 R",
        b"/#2F",
        b"/application#2Fpdf",
        b"%(\n/J#53(x)",
    ],
    ids=str,
)
def test_a_name_in_disguise_is_found(pdf: bytes, planted: bytes) -> None:
    """ISO 32000-1, 7.3.5: `#` and two digits spell any letter, so `/J#53` is `/JS`."""
    put = pdf.replace(b"/Type/Catalog", b"/Type/Catalog" + planted)
    assert list(holds_nothing_active(put, extract("hbo"))) == ["holds a name spelt with #"]


@pytest.mark.parametrize("text", [b"(C/C#)", b"(a \\) /C#53)"], ids=str)
def test_a_text_may_read_like_a_name_in_disguise(pdf: bytes, text: bytes) -> None:
    put = pdf.replace(b"/Type/Catalog", b"/Type/Catalog/Lang" + text)
    assert list(holds_nothing_active(put, extract("hbo"))) == []


def test_other_facts_than_those_attached_are_found(pdf: bytes) -> None:
    asked = extract("hbo")
    award = replace(asked.record.award, awarded=PartialDate(2023, 7, 5))
    other = replace(asked, record=replace(asked.record, award=award))
    finding = "the attached facts are not those of the record"
    assert list(attachment_equals_record(pdf, other)) == [finding]
    assert list(attachment_equals_record(pdf.replace(b"/EmbeddedFile", b"/OtherFile"), asked)) == [
        finding
    ]


def with_person(asked: Extract, **changes: object) -> Extract:
    person = replace(asked.record.person, **changes)  # type: ignore[arg-type] # fixture
    return replace(asked, record=replace(asked.record, person=person))


def test_another_name_than_the_printed_one_is_found_without_repeating_it(pdf: bytes) -> None:
    other = with_person(extract("hbo"), name=Name("Jansen", "Noor"))
    assert list(text_equals_record(pdf, other)) == ["line 1 is not printed as registered"]


def test_printed_text_is_the_page(pdf: bytes) -> None:
    text = printed_text(pdf)
    assert text.startswith("echtUittreksel uit het diplomaregister1NaamNoor van den")
    assert "Instelling 00XX, opleiding 99001" in text


def test_a_file_of_another_shape_is_a_finding_not_a_crash(pdf: bytes) -> None:
    for broken in (b"", b"%PDF-1.7\n", pdf[:-400], re.sub(rb"/ToUnicode", b"/ToNothing", pdf)):
        assert list(text_equals_record(broken, extract("hbo"))) == [
            "the printed text cannot be read"
        ]
    assert list(page_count_is_sane(b"", extract("hbo"))) == ["the pages cannot be read"]


@pytest.mark.parametrize("number", ["111222333", "101222331", "BSN 111222333."])
def test_a_national_number_in_a_fact_is_found(number: str) -> None:
    """register.md 3.2 and 4.14."""
    leaking = with_person(extract("hbo"), birth_place=number)
    assert list(holds_no_national_number(b"", leaking)) == ["a value reads as a national number"]


@pytest.mark.parametrize("harmless", ["111222334", "1112223330", "Zwolle"])
def test_other_digits_are_left_alone(harmless: str) -> None:
    assert (
        list(holds_no_national_number(b"", with_person(extract("hbo"), birth_place=harmless))) == []
    )


@pytest.mark.parametrize(
    "name",
    [
        Name("Ẹ̀gbẹ́dá Akínwùmí", "Adéọlá Ọ̀ṣun"),  # Yoruba: a shared loose accent
        Name("Ọla", "Ọ̀ṣun"),  # the same base letter with and without it
        Name("M̃bo", "Oke"),
    ],
)
def test_a_name_with_loose_accents_can_be_issued(name: Name) -> None:
    base = extract("hbo")
    person = replace(base.record.person, name=name)
    asked = replace(base, record=replace(base.record, person=person))

    pdf = renderer().render(asked, payload(asked))

    assert [finding for lint in LINTS for finding in lint(pdf, asked)] == []


def test_another_name_with_loose_accents_is_still_noticed() -> None:
    base = extract("hbo")
    drawn, other = (
        replace(base, record=replace(base.record, person=replace(base.record.person, name=name)))
        for name in (Name("Ọla", "Ọ̀ṣun"), Name("Ọlo", "Ọ̀ṣun"))
    )
    pdf = renderer().render(drawn, payload(drawn))

    assert "line 1 is not printed as registered" in set(text_equals_record(pdf, other))
