"""The import format: what a line may hold, and that its published schema says the same."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from register import conversions
from register.lines import LINE, HeaderLine, NamePart, PersonLine, ProgrammeLine, schema
from register.reading import parsed
from register.rules import ADVICE, RefusedLine
from tests import judges

AWARD: dict[str, Any] = {
    "award": "a1",
    "institution": "05KO",
    "programme": "vwo",
    "awarded": "2009-06-18",
    "results": [{"subject": {"nl": "Wiskunde"}, "schoolExam": "7.1", "day": "2009-05-12"}],
}
PERSON: dict[str, Any] = {
    "type": "person",
    "person": "p1",
    "name": {"surname": "Berg"},
    "bsn": "111222333",
    "awards": [AWARD],
}
INSTITUTION: dict[str, Any] = {
    "type": "institution",
    "code": "05KO",
    "names": [{"name": "Lyceum", "since": "1990-08-01", "until": "2011-08-01"}],
}
PROGRAMME: dict[str, Any] = {
    "type": "programme",
    "code": "25001",
    "scheme": "crebo",
    "sector": "mbo",
    "title": {"nl": "Kok"},
    "nlqf": "4+",
    "eqf": 4,
}
DELETE = object()


def refusal(line: dict[str, Any]) -> tuple[str, str]:
    result = parsed(json.dumps(line).encode())
    assert isinstance(result, RefusedLine)
    return result.rule, result.where


def changed(line: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(line))
    *path, last = [int(step) if step.isdigit() else step for step in place.split("/")]
    target: Any = copy
    for step in path:
        target = target[step]
    if value is DELETE:
        del target[last]
    else:
        target[last] = value
    return copy


@pytest.mark.parametrize(
    ("line", "place", "value", "rule"),
    [
        (PERSON, "nickname", "x", "unknown-field"),
        (PERSON, "awards/0/mark", "x", "unknown-field"),
        (PERSON, "name", DELETE, "missing-field"),
        (PERSON, "awards/0/awarded", DELETE, "missing-field"),
        (PERSON, "awards/0/awarded", "", "too-short"),
        (PERSON, "awards/0/awarded", "2009-02-30", "impossible-date"),
        (PERSON, "awards/0/awarded", 2009, "wrong-type"),
        (PERSON, "awards/0/partial", "no", "wrong-type"),
        (PERSON, "awards/0/result", "great", "unknown-value"),
        (PERSON, "awards/0/results/0/schoolExam", 7.1, "wrong-type"),
        (PERSON, "awards/0/results/0/day", "2009-5-12", "impossible-date"),
        (PERSON, "awards/0/results/0/day", "20090512", "impossible-date"),
        (PERSON, "awards/0/results/0/subject", {}, "too-short"),
        (PERSON, "awards/0/results/0/subject", {"Dutch": "x"}, "wrong-form"),
        (PERSON, "awards/0/results", [AWARD["results"][0]] * 201, "too-long"),
        (PERSON, "awards", [{**AWARD, "award": f"a{n}"} for n in range(51)], "too-long"),
        (PERSON, "awards", [AWARD, AWARD], "duplicate-award"),
        (PERSON, "birth", "1991-13", "impossible-date"),
        (PERSON, "birth", "2010", "impossible-date"),
        (PERSON, "birthCountry", "NLD", "wrong-form"),
        (PERSON, "name/surname", "B" * 201, "too-long"),
        (PERSON, "name/surname", "Ber\u0000g", "unprintable-text"),
        (PERSON, "name/surname", "Ber\u202eg", "unprintable-text"),
        (PERSON, "name/title", "KONING", "unknown-value"),
        (PERSON, "person", "a b", "wrong-form"),
        (PERSON, "person", "111222333", "secret-as-identifier"),
        (PERSON, "awards/0/award", "11122233", "secret-as-identifier"),
        (PERSON, "bsn", "111222334", "wrong-number"),
        (PERSON, "bsn", 111222333, "wrong-type"),
        (PERSON, "onderwijsnummer", "111222333", "wrong-number"),
        (PERSON, "type", "human", "unknown-kind"),
        (PERSON, "type", DELETE, "unknown-kind"),
        (INSTITUTION, "code", "5KO", "wrong-code"),
        (INSTITUTION, "code", "05ko", "wrong-code"),
        (INSTITUTION, "successor", "05KO", "wrong-code"),
        (INSTITUTION, "names", [], "too-short"),
        (INSTITUTION, "names/0/until", "1990-08-01", "impossible-date"),
        (PROGRAMME, "code", "2500", "wrong-code"),
        (PROGRAMME, "sector", "university", "unknown-value"),
        (PROGRAMME, "nlqf", 4, "unknown-value"),
        (PROGRAMME, "nlqf", "9", "unknown-value"),
        (PROGRAMME, "eqf", "4", "wrong-type"),
        (PROGRAMME, "eqf", 9, "unknown-value"),
        ({"type": "withdrawal", "award": "a1"}, "reason", "x" * 501, "too-long"),
    ],
)
def test_a_line_that_breaks_a_rule_names_it(
    line: dict[str, Any], place: str, value: Any, rule: str
) -> None:
    """register.md 4.5 among them: an integer level is refused."""
    found, where = refusal(changed(line, place, value))
    assert found == rule
    assert found in ADVICE
    assert "111222" not in where


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"{", "not-json"),
        (b"[]", "not-json"),
        (b"null", "not-json"),
        (b'{"type":"person","person":"p1","name":{"surname":"\xff"}}', "not-utf8"),
        (b'{"type":"person","person":"p1","name":{"surname":"\\ud800"}}', "not-json"),
        (b"\xff\xfe", "not-utf8"),
        (b"[" * 100_000, "not-json"),
    ],
)
def test_what_is_no_record_is_refused(raw: bytes, rule: str) -> None:
    result = parsed(raw)
    assert isinstance(result, RefusedLine)
    assert result.rule == rule


def test_a_refusal_never_repeats_a_name_of_a_member() -> None:
    assert refusal({**PERSON, "111222333": "x"}) == ("unknown-field", "?")
    assert refusal(changed(PERSON, "awards/0/results/0/day", "x")) == (
        "impossible-date",
        "awards/0/results/0/day",
    )


def test_neither_models_nor_errors_show_a_number() -> None:
    line = PersonLine.model_validate(PERSON)
    assert "111222333" not in repr(line)
    assert line.bsn == "111222333"

    with pytest.raises(ValidationError) as caught:
        LINE.validate_json(json.dumps({**PERSON, "bsn": "111222334"}))
    assert "111222334" not in str(caught.value)


def test_an_unpaired_surrogate_is_refused_also_from_within() -> None:
    """A reader of another format hands over texts, not bytes."""
    with pytest.raises(ValidationError, match="unicode"):
        NamePart(surname="\ud800")


@given(st.text(max_size=40))
def test_text_is_stored_in_nfc_or_refused(text: str) -> None:
    try:
        stored = NamePart(surname=text).surname
    except ValidationError:
        assert any(
            unicodedata.category(sign) in {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"} for sign in text
        )
    else:
        assert stored == unicodedata.normalize("NFC", text)


def test_compatibility_characters_stay_what_they_are() -> None:
    """register.md 5: never NFKC."""
    assert NamePart(surname="ŀ ﬁ Ⅷ").surname == "ŀ ﬁ Ⅷ"
    assert NamePart(surname="S\u0327ule").surname == "\u015eule"


@pytest.mark.parametrize("registered", ["", "1963", "2020-05", "1991-05-01"])
def test_a_partial_birth_date_stays_partial(registered: str) -> None:
    """register.md 4.1: nothing becomes the first of January."""
    person = conversions.to_person(
        PersonLine.model_validate({**PERSON, "birth": registered, "awards": []})
    )
    assert str(person.birth) == registered


def test_the_published_schema_is_the_one_in_force() -> None:
    published = json.loads(
        (judges.ROOT / "docs" / "register-format.schema.json").read_text("utf-8")
    )
    assert published == schema()


@pytest.mark.parametrize(
    "line",
    [
        {"format": "echt-register", "version": 1},
        INSTITUTION,
        PROGRAMME,
        PERSON,
        {"type": "withdrawal", "award": "a1", "reason": "x"},
    ],
)
def test_the_schema_takes_what_we_take_and_refuses_what_we_refuse(line: dict[str, Any]) -> None:
    """register.md 4.5, judged by jsonschema."""
    judge = Draft202012Validator(schema())
    judge.validate(line)
    assert not judge.is_valid({**line, "unknown": 1})
    assert not judge.is_valid({**line, "type": "other", "format": "other"})


def test_the_schema_refuses_a_whole_number_as_level() -> None:
    """register.md 4.5."""
    judge = Draft202012Validator(schema())
    assert judge.is_valid(PROGRAMME)
    assert not judge.is_valid({**PROGRAMME, "nlqf": 4})
    assert ProgrammeLine.model_validate(PROGRAMME).nlqf == "4+"


def test_every_example_in_the_documentation_is_a_valid_line() -> None:
    text = (judges.ROOT / "docs" / "register-format.md").read_text("utf-8")
    header, *lines = text.split("```json\n")[1].split("```")[0].splitlines()
    HeaderLine.model_validate_json(header)
    assert len(lines) == 4
    for line in lines:
        assert not isinstance(parsed(line.encode()), RefusedLine)


def test_every_rule_is_documented() -> None:
    text = (judges.ROOT / "docs" / "register-format.md").read_text("utf-8")
    for rule, advice in ADVICE.items():
        assert f"| `{rule}` | {advice} |" in text
