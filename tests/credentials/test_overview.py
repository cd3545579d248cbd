"""An overview says what the extracts of its awards say, in the same words, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import rfc8785
from referencing import Registry, Resource

from credentials.attachment import extract_json, overview_json, statement_json
from credentials.extract import Language
from credentials.issuing import statement_of
from credentials.lint import page_count_is_sane
from credentials.overview import MOST_PAGES, OVERVIEW_TEMPLATE, Overview, fits, is_overview
from credentials.overview_lines import Section, closing_line, opening_lines, sections
from credentials.overview_lint import OVERVIEW_LINTS, every_award_is_printed
from register.records import AwardRecord
from tests.credentials.overviews import EVERY, TWO, held_by, overview, renderer
from tests.credentials.paper import ROOT, translator
from tests.credentials.people import extract
from verifier.pdf.outline import outline
from verifier.pdf.revisions import parse

RENDERER = renderer()
SCHEMAS = {
    name: json.loads((ROOT / "docs" / name).read_text("utf-8"))
    for name in ("extract.schema.json", "overview.schema.json")
}


def facts(asked: Overview) -> dict[str, Any]:
    return dict(json.loads(overview_json(asked)))


def schema() -> jsonschema.Draft202012Validator:
    known = [(name, Resource.from_contents(text)) for name, text in SCHEMAS.items()]
    return jsonschema.Draft202012Validator(
        SCHEMAS["overview.schema.json"], registry=Registry().with_resources(known)
    )


@pytest.mark.parametrize("records", [(), held_by("vwo", ["vwo"]), held_by("vwo", TWO[:1])])
def test_of_less_than_two_awards_there_is_no_overview(records: tuple[AwardRecord, ...]) -> None:
    with pytest.raises(ValueError, match="several awards of one person"):
        replace(overview(), records=records)


def test_awards_of_two_people_are_no_overview() -> None:
    mixed = (extract("hbo").record, extract("vwo").record)

    with pytest.raises(ValueError, match="several awards of one person"):
        replace(overview(), records=mixed)


def test_a_moment_that_cannot_be_written_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="UTC in whole seconds"):
        replace(overview(), issued_at=overview().issued_at.replace(microsecond=1))


@pytest.mark.parametrize("language", Language)
def test_each_award_says_what_its_extract_says(language: Language) -> None:
    """register.md 4.6, 4.20: the whitelist of the extract is that of the overview."""
    asked = overview(EVERY, language)
    told = facts(asked)

    for part, award in zip(asked.parts, told["awards"], strict=True):
        alone = json.loads(extract_json(part))
        assert award == {name: alone[name] for name in award}
        assert told["holder"] == alone["holder"]
    assert (told["format"], told["template"]) == ("echt-overview", OVERVIEW_TEMPLATE)
    assert is_overview(OVERVIEW_TEMPLATE)
    assert not is_overview(extract("hbo").template)


def test_the_published_schema_accepts_it_and_no_other_member() -> None:
    """register.md 4.6."""
    told = facts(overview(EVERY))
    schema().validate(told)
    assert rfc8785.dumps(told) == overview_json(overview(EVERY))

    told["awards"][1]["bsn"] = "111222333"
    with pytest.raises(jsonschema.ValidationError, match="bsn"):
        schema().validate(told)


def test_the_same_awards_are_the_same_statement_and_others_are_not() -> None:
    """0005: whatever the number and time; one version, one award or another order makes it new."""
    asked = overview()
    same = replace(asked, number="22AA-22AA-22AA", issued_at=asked.issued_at.replace(hour=1))
    first, second = asked.records
    newer = replace(second, award=replace(second.award, version=second.award.version + 1))
    others = [
        replace(asked, records=(first, newer)),
        replace(asked, records=(second, first)),
        replace(asked, language=Language.DE),
        overview((*TWO, "nt2")),
    ]

    assert statement_json(same) == statement_json(asked)
    assert statement_of(same, "p") == statement_of(asked, "p")
    made = {statement_of(one, "p") for one in (asked, *others)}
    assert len(made) == 1 + len(others)
    assert not made & {statement_of(part, "p") for part in asked.parts}


def numbers(section: Section) -> list[int]:
    rows = [row.number for row in section.table.rows] if section.table else []
    return [line.number for line in section.lines] + rows


def test_every_fact_has_a_number_of_its_own_and_they_only_rise() -> None:
    asked = overview(EVERY)
    opening = [line.number for line in opening_lines(asked, str)]
    made = sections(asked, str)
    whole = [*opening, *(n for one in made for n in numbers(one)), closing_line(asked, str).number]

    assert opening == [1, 2, 3]
    assert whole == sorted(set(whole))
    results = sum(len(record.award.results) for record in asked.records)
    assert whole[-1] == 4 + 7 * len(asked.records) + results


def test_a_line_without_a_fact_leaves_its_number_free() -> None:
    """The rule of the extract: a vwo diploma has no degree."""
    nurse, pupil = sections(overview(), str)

    assert [(line.number, line.label) for line in nurse.lines][:3] == [
        (4, "Diploma"),
        (5, "Kind"),
        (6, "Degree"),
    ]
    assert [(line.number, line.label) for line in pupil.lines][:3] == [
        (11, "Diploma"),
        (12, "Kind"),
        (14, "Institution"),
    ]
    assert pupil.table is not None
    assert pupil.table.rows[0].number == 18


@pytest.mark.parametrize(
    ("person", "kind"), [("hbo", "Diploma"), ("nt2", "Staatsexamen"), ("mbo", "Certificaat")]
)
def test_the_kind_is_told(person: str, kind: str) -> None:
    first, *rest = held_by("vwo", (person, "vwo"))
    record = replace(first, award=replace(first.award, partial=person == "mbo"))
    asked = replace(overview(), records=(record, *rest))
    line = sections(asked, translator(Language.NL))[0].lines[1]

    assert (line.label, line.parts[0].text) == ("Soort", kind)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("people", [TWO, ("nt2", "mbo", "sixty"), EVERY])
def test_our_own_pages_pass_every_lint(people: tuple[str, ...], language: Language) -> None:
    for holder in ("arabic", "long-name"):
        asked = overview(people, language, holder)
        pdf = RENDERER.render(asked)
        assert [finding for lint in OVERVIEW_LINTS for finding in lint(pdf, asked)] == []


def test_the_same_overview_gives_the_same_bytes() -> None:
    """pdf.md 4.7: warm or fresh."""
    assert RENDERER.render(overview(EVERY)) == renderer().render(overview(EVERY))


def test_an_award_that_is_not_printed_is_found() -> None:
    """A drawing of fewer awards, or of other results, is never sealed."""
    pdf = RENDERER.render(overview())
    more = overview((*TWO, "elmo"))
    assert any(one.startswith("award 3: line 3") for one in every_award_is_printed(pdf, more))

    first, second = overview().records
    result = second.award.results[2]
    other = replace(result, subject=replace(result.subject, by_language=(("nl", "Alchemie"),)))
    changed = (*second.award.results[:2], other, *second.award.results[3:])
    award = replace(second.award, results=changed)
    asked = replace(overview(), records=(first, replace(second, award=award)))
    found = [*every_award_is_printed(pdf, asked)]
    assert found == ["award 2: result 12 is not printed as registered"]


def test_a_book_is_not_sealed() -> None:
    pdf = RENDERER.render(overview())
    tree = b"/Type/Pages/Count"
    at = pdf.index(b"/Kids[", pdf.index(tree)) + len(b"/Kids[")
    kid = pdf[at : pdf.index(b"R", at) + 1]
    book = pdf[:at] + (kid + b" ") * MOST_PAGES + pdf[at:]

    assert list(page_count_is_sane(pdf, overview())) == []
    assert list(page_count_is_sane(b"%PDF-1.7", overview())) == ["the pages cannot be read"]
    assert list(page_count_is_sane(book, overview())) != []


@pytest.mark.parametrize("person", EVERY)
def test_what_fits_is_read_by_every_check(person: str) -> None:
    """verifier.md 3.7: as many awards of one kind as fit, and no page too many to be read."""
    (one,) = held_by("vwo", [person])
    most = next(count for count in range(99, 1, -1) if fits([one] * count))
    asked = replace(overview(), records=(one,) * most)
    pdf = RENDERER.render(asked)

    assert [finding for lint in OVERVIEW_LINTS for finding in lint(pdf, asked)] == []
    assert outline(pdf, parse(pdf)).signatures == ()


def test_a_number_that_reads_as_a_citizens_is_found_in_any_award() -> None:
    """register.md 3.2: nothing with nine digits that pass the eleven test is sealed."""
    *_, lint = OVERVIEW_LINTS
    first, second = overview().records
    award = replace(second.award, thesis="111222333")
    asked = replace(overview(), records=(first, replace(second, award=award)))

    assert list(lint(b"", overview())) == []
    assert list(lint(b"", asked)) == ["a value reads as a national number"]
