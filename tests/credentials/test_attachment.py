"""What machines get: canonical, whitelisted, the same in every language."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from credentials.attachment import canonical, extract_json, statement_json
from credentials.extract import Language
from register.dates import PartialDate
from tests.credentials.paper import ROOT
from tests.credentials.people import PEOPLE, extract

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=0x7F))
FACTS = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
)
SCHEMA = json.loads((ROOT / "docs" / "extract.schema.json").read_text("utf-8"))


def facts(person: str, language: Language = Language.NL) -> dict[str, Any]:
    return dict(json.loads(extract_json(extract(person, language))))


@pytest.mark.parametrize("person", PEOPLE)
def test_the_published_schema_accepts_every_extract(person: str) -> None:
    """register.md 4.6: the schema allows the whitelisted members and no others."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(facts(person), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_refuses_a_member_that_nobody_listed() -> None:
    leaking = facts("hbo")
    leaking["holder"]["bsn"] = "111222333"
    with pytest.raises(jsonschema.ValidationError, match="bsn"):
        jsonschema.validate(leaking, SCHEMA)


@pytest.mark.parametrize("person", PEOPLE)
def test_only_the_language_differs_between_languages(person: str) -> None:
    """register.md 4.20."""
    stated = [facts(person, language) for language in Language]
    assert [one.pop("language") for one in stated] == ["nl", "en", "de"]
    assert stated[0] == stated[1] == stated[2]


@pytest.mark.parametrize("person", PEOPLE)
def test_the_json_is_canonical(person: str) -> None:
    """RFC 8785: reading it and writing it again changes nothing."""
    raw = extract_json(extract(person))
    assert rfc8785.dumps(json.loads(raw)) == raw


@given(st.dictionaries(NAMES, FACTS, max_size=6))
def test_any_facts_are_written_as_a_library_for_the_standard_writes_them(
    stated: dict[str, Any],
) -> None:
    """RFC 8785 3.2: members sorted, texts escaped, nothing between."""
    assert canonical(stated) == rfc8785.dumps(stated)


def test_half_a_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical({"name": "\ud800"})


def test_partial_dates_keep_their_canonical_form() -> None:
    """register.md 4.1: absent, a year, a month; never 01-01."""
    assert facts("single-name")["holder"]["birthDate"] == "1963"
    assert facts("long-name")["holder"]["birthDate"] == "1987-05"
    assert "birthDate" not in facts("nameless")["holder"]
    assert "name" not in facts("nameless")["holder"]


def test_nlqf_is_text_and_eqf_a_number() -> None:
    """register.md 4.5."""
    assert facts("vwo")["programme"]["nlqf"] == "4+"
    assert facts("vwo")["programme"]["eqf"] == 4


def test_both_institution_names_and_the_code_of_then() -> None:
    """register.md 4.13."""
    assert facts("long-name")["institution"] == {
        "code": "01AB",
        "codeToday": "02CD",
        "country": "NL",
        "name": "Katholieke Universiteit voor Economische en Sociale Wetenschappen",
        "nameToday": "Universiteit Midden-Nederland",
        "scheme": "brin",
    }


def test_a_correction_changes_the_facts() -> None:
    asked = extract("hbo")
    award = replace(asked.record.award, awarded=PartialDate(2024, 7, 6))
    corrected = replace(asked, record=replace(asked.record, award=award))
    assert extract_json(corrected) != extract_json(asked)


def test_a_later_download_states_the_same_until_a_fact_changes() -> None:
    asked = extract("hbo")
    later = replace(asked, number="ANOTHER", issued_at=asked.issued_at + timedelta(days=1))
    earlier = replace(asked, issued_at=asked.issued_at - timedelta(days=700))

    assert statement_json(later) == statement_json(asked)
    assert extract_json(later) != extract_json(asked)
    # The institution was renamed in between, and today's name is a stated fact.
    assert statement_json(earlier) != statement_json(asked)
