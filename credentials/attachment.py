"""The facts of an extract for machines: one canonical JSON text, whatever the language.

Every member is named here one by one, so that a field added to the register never
travels by accident, and no national number can (register.md 3.2). Dates and codes are
as registered; words are left to the reader. Shape: docs/extract-json.md.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from credentials.extract import TEMPLATE_VERSION, Extract
from credentials.last import last_only
from credentials.lines import award_day
from credentials.overview import Document, Overview
from credentials.wording import DUTCH_TIME
from register.names import full_name
from register.records import Award, AwardRecord, Person, Programme, Result, Text

Json = dict[str, Any]  # JSON has no narrower type; the JSON Schema in docs/ is the contract

_OF_AN_AWARD: Final = ("award", "programme", "institution", "results")
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def extract_json(extract: Extract, template: str = TEMPLATE_VERSION) -> bytes:
    """The extract as canonical JSON (RFC 8785), equal in every language but `language`.

    Args:
        extract: what is stated.
        template: version of the templates that draw it, or that once drew it.
    """
    if template != TEMPLATE_VERSION:
        return canonical(_issue(extract) | _stated(extract) | {"template": template})
    return _extract_json(extract)


@last_only
def _extract_json(extract: Extract) -> bytes:
    return canonical(_issue(extract) | _stated(extract))


def overview_json(overview: Overview, template: str = "") -> bytes:
    """The overview as canonical JSON, as `extract_json` for one award.

    Args:
        overview: what is stated.
        template: version of the template that once drew it; the one of now where it is empty.
    """
    told = {"template": template or overview.template}
    return canonical(_issue(overview) | _overview(overview) | told)


def _issue(document: Document) -> Json:
    return {
        "number": document.number,
        "issuedAt": document.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def statement_json(document: Document, template: str = "") -> bytes:
    """What is stated, whatever the number and time: equal for two downloads of the same facts."""
    stated = _overview(document) if isinstance(document, Overview) else _stated(document)
    return canonical(stated | {"template": template or document.template})


def canonical(facts: Json) -> bytes:
    """RFC 8785 for what stands in our facts: ASCII names, texts, whole numbers, no fractions.

    For those the standard library sorts, escapes and writes as the RFC asks, at a tenth of
    the cost of a library for every JSON value; the tests hold it to such a library.

    Raises:
        ValueError: half a surrogate pair, which is no text.
    """
    return _ENCODER.encode(facts).encode()


@last_only
def _stated(extract: Extract) -> Json:
    record = extract.record
    issued = extract.issued_at.astimezone(DUTCH_TIME).date()
    return {
        "format": "echt-extract",
        "version": 1,
        "template": TEMPLATE_VERSION,
        "language": extract.language.value,
        "holder": _holder(record.person),
        "award": _award(record.award),
        "programme": _programme(record.programme),
        "institution": _institution(record, issued),
        "results": [_result(result) for result in record.award.results],
    }


@last_only
def _overview(overview: Overview) -> Json:
    """The holder once, and of each award what an extract states of it."""
    parts = [_stated(part) for part in overview.parts]
    return {
        "format": "echt-overview",
        "version": 1,
        "language": overview.language.value,
        "holder": parts[0]["holder"],
        "awards": [{name: part[name] for name in _OF_AN_AWARD} for part in parts],
    }


def _known(**members: Any) -> Json:  # noqa: ANN401 - values of JSON
    """Only the members that say something: absent means unknown, never empty."""
    return {name: value for name, value in members.items() if value not in ("", None)}


def _text(text: Text) -> list[Json]:
    """Languages in registered order: the first is the original."""
    return [{"language": tag, "text": words} for tag, words in text.by_language]


def _holder(person: Person) -> Json:
    name = person.name
    return _known(
        name=full_name(name),
        given=name.given,
        prefix=name.prefix,
        surname=name.surname if name.surname != "." else "",
        birthDate=str(person.birth),
        birthPlace=person.birth_place,
        birthCountry=person.birth_country,
    )


def _award(award: Award) -> Json:
    return _known(
        sector=award.sector.value,
        awarded=str(award.awarded),
        result=award.result,
        degree=award.degree,
        profile=_text(award.profile) if award.profile else None,
        thesis=award.thesis,
        partial=award.partial,
    )


def _programme(programme: Programme) -> Json:
    return _known(
        code=programme.code,
        scheme=programme.scheme,
        title=_text(programme.title),
        nlqf=programme.nlqf,
        eqf=programme.eqf,
    )


def _institution(record: AwardRecord, issued: date) -> Json:
    then, now = record.institution, record.institution_today
    return _known(
        code=then.code,
        scheme=then.scheme,
        country=then.country,
        name=then.name_on(award_day(record.award.awarded, issued)),
        nameToday=now.name_on(issued),
        codeToday=now.code,
    )


def _result(result: Result) -> Json:
    return _known(
        subject=_text(result.subject),
        schoolExam=result.school_exam,
        centralExam=result.central_exam,
        final=result.final,
        credits=result.credits,
        level=result.level,
        day=result.day.isoformat() if result.day else "",
        counted=result.counted,
    )
