"""The facts of an overview become the lines of its pages, and whatever is said makes lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.attachment import overview_json
from credentials.extract import Language as PaperLanguage
from credentials.overview_lines import closing_line, opening_lines, sections
from tests.credentials.overviews import EVERY, overview
from tests.credentials.paper import translator
from verifier.extract_data import NotExtractData, facts_of
from verifier.overview_lines import is_overview, overview_lines
from web.i18n import Language, translations

CATALOGUES = translations()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def on_paper(lang: Language) -> dict[int, tuple[str, str]]:
    """Label and first text of every line and row, by number."""
    asked, say = overview(EVERY, PaperLanguage(lang)), translator(PaperLanguage(lang))
    made = sections(asked, say)
    lines = [
        *opening_lines(asked, say),
        *(line for one in made for line in one.lines),
        closing_line(asked, say),
    ]
    told = {line.number: (line.label, line.parts[0].text) for line in lines}
    rows = [row for one in made if one.table for row in one.table.rows]
    return told | {row.number: (row.cells[0][0].text, "") for row in rows}


@pytest.mark.parametrize("lang", Language)
def test_every_line_has_the_number_and_the_words_of_the_paper(lang: Language) -> None:
    """verifier.md 3.2: the same fact has the same number on paper and on screen."""
    paper = on_paper(lang)
    facts = facts_of(overview_json(overview(EVERY, PaperLanguage(lang))))
    seen = overview_lines(facts, lang, CATALOGUES[lang].gettext)

    assert is_overview(facts)
    assert [line.number for line in seen] == sorted({line.number for line in seen})
    assert len(seen) > 0.9 * len(paper)
    for line in seen:
        label, text = paper[line.number]
        assert line.label == label
        assert text in ("", line.parts[0].text)
    assert seen[-1].label == CATALOGUES[lang].gettext("Overview")
    assert [line.number for line in seen if line.is_about_the_person] == [1, 2]


def test_all_is_taken_over_that_is_listed_and_nothing_else() -> None:
    """verifier.md 3.7: member by member, in every award."""
    told = json.loads(overview_json(overview()))
    told["awards"][0]["award"]["bsn"] = "111222333"
    told["holder"]["id"] = "person-1"
    facts = facts_of(json.dumps(told).encode())

    assert "bsn" not in facts["awards"][0]["award"]
    assert "id" not in facts["holder"]
    (dutch, *_) = facts["awards"][1]["results"][0]["subject"]
    assert dutch["text"] == "Nederlandse taal en literatuur"
    assert set(facts) == {"number", "issuedAt", "language", "holder", "awards"}


@pytest.mark.parametrize(
    "change",
    [
        {"awards": []},
        {"awards": None},
        {"awards": [[]]},
        {"awards": [{"results": [1]}]},
        {"awards": [{"programme": {"title": [{}]}}]},
        {"awards": [{"award": {"profile": [{"text": "a"}]}}]},
        {"awards": [{"results": [{"subject": [{"language": "nl"}]}]}]},
        {"number": ""},
        {"version": 2},
        {"format": "echt-other"},
        {"format": ["echt-overview"]},
    ],
)
def test_another_form_is_refused(change: dict[str, Any]) -> None:
    told = json.loads(overview_json(overview())) | change

    with pytest.raises(NotExtractData):
        facts_of(json.dumps(told).encode())


@pytest.mark.parametrize("lang", Language)
def test_awards_that_say_almost_nothing_still_make_lines(lang: Language) -> None:
    lines = overview_lines({"number": "X", "awards": [{}, {}]}, lang, CATALOGUES[lang].gettext)

    assert [line.number for line in lines] == [1, 2, 3, 5, 12, 18]


def test_a_moment_at_the_end_of_all_time_still_makes_lines() -> None:
    said = {"number": "X", "issuedAt": "9999-12-31T23:59:59Z", "awards": [{}, {}]}

    assert overview_lines(said, "en", str)[-1].parts[0].text == "X"


@given(st.dictionaries(st.sampled_from(["number", "holder", "awards", "language"]), JSON))
def test_whatever_it_says_is_refused_or_makes_lines(said: dict[str, Any]) -> None:
    """verifier.md 3.7: hostile input ends in a verdict."""
    data = json.dumps({"format": "echt-overview", "version": 1} | said).encode()
    try:
        facts = facts_of(data)
    except NotExtractData:
        return
    assert overview_lines(facts, "en", str)
