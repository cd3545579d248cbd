"""Reads foreign results (ELMO 1.0 to 2.0) as lines of the register's own import format.

What comes out are the models of `register.lines`, so the ordinary import decides
and stores. What could not be taken over is a finding, never a silent loss.

- Ids are made from the content. The same content is the same person, so that an
  import can be repeated; other content is another person, because an equal name
  and birth date identify nobody (register.md 4.11).
- Codes of programmes carry the code of their issuer, and codes of issuers never
  have the form of a BRIN, so that no exchange file can rename a Dutch school.
- The signature of the file is not checked here: that is the client's work (EMREX).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from pydantic import BaseModel, ValidationError

from register import codes
from register.elmo_findings import Finding, Json, Reading, broken_rule
from register.elmo_tree import UNSTATED, children, date_of, open_elmo, text, titles
from register.errors import InvalidCode, InvalidNumber, UnreadableSource
from register.lines import (
    MAX_AWARDS,
    MAX_RESULTS,
    AwardPart,
    InstitutionLine,
    PersonLine,
    ProgrammeLine,
    ResultPart,
)
from register.national_numbers import NumberKind, validated
from register.records import Sector

Line = InstitutionLine | ProgrammeLine | PersonLine

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTRY = re.compile(r"[A-Z]{2}")
_GENDERS = {"1": "M", "2": "V"}  # ISO 5218
_PREFERRED_ISSUER_CODES = ("schac", "erasmus")
_LONG_AGO = "0001-01-01"
_UNKNOWN_COUNTRY = "ZZ"  # ISO 3166-1 keeps ZZ free for users
_SEPARATE_COURSES = {
    "en": "Separate courses",
    "nl": "Losse vakken",
    "de": "Einzelne Lehrveranstaltungen",
}


@dataclass(frozen=True, slots=True)
class Elmo:
    """What one ELMO file says, in the order in which it has to be imported."""

    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Line]:
        """The lines, institutions and programmes before the person."""
        return iter(self.lines)


@dataclass(frozen=True, slots=True)
class _Report:
    """One report: who issued it, when, and how findings call it."""

    where: str
    issuer: InstitutionLine
    issued: str


def read_elmo(source: Path | bytes) -> Elmo:
    """Everything in an ELMO file that the register can hold, and what it cannot.

    Raises:
        UnreadableSource: the file is not ELMO, or says nothing about a learner.
    """
    root = open_elmo(source)
    learner = next(iter(children(root, "learner")), None)
    if learner is None:
        raise UnreadableSource("This ELMO file names no learner.")
    reading = Reading()
    for number, report in enumerate(children(root, "report"), start=1):
        _report(reading, report, f"report {number}", date_of(text(root, "generatedDate")))
    person = _person(reading, learner)
    lines: list[Line] = [*reading.institutions.values(), *reading.programmes.values(), person]
    return Elmo(tuple(lines), tuple(reading.findings))


def _person(reading: Reading, learner: etree._Element) -> PersonLine:
    members = _learner(reading, learner)
    person_id = _identifier("person", members, reading.awards)
    for place, award in enumerate(reading.awards):
        award["award"] = _identifier("award", person_id, place, award)
    made = [reading.part(AwardPart, award, "award") for award in reading.awards[:MAX_AWARDS]]
    if len(reading.awards) > MAX_AWARDS:
        reading.find("too-long", "awards")
    number = _citizen_number(reading, learner)
    known = {"bsn": number} if number else {}
    awards = [award for award in made if award]
    try:
        return PersonLine.model_validate(
            {"type": "person", "person": person_id, "awards": awards} | members | known
        )
    except ValidationError as error:
        advice = Finding(broken_rule(error), "learner").advice
        raise UnreadableSource(f"The learner cannot be registered. {advice}") from None


def _learner(reading: Reading, learner: etree._Element) -> Json:
    given, surname = text(learner, "givenNames"), text(learner, "familyName")
    written = text(learner, "bday") or text(learner, "dateOfBirth")
    birth = date_of(written)
    if written and not birth:
        reading.find("impossible-date", "learner/bday")
    gender = _GENDERS.get(text(learner, "gender"), "O")
    return {
        "name": {"given": given, "surname": surname or ("." if given else ""), "gender": gender},
        "birth": birth,
        "birthPlace": text(learner, "placeOfBirth"),
    }


def _citizen_number(reading: Reading, learner: etree._Element) -> str:
    """A Dutch citizen service number; one of another country is left where it is."""
    dutch = "NL" in [text(country) for country in children(learner, "citizenship")]
    for identifier in children(learner, "identifier"):
        if identifier.get("type") != "nationalIdentifier":
            continue
        if not dutch:
            reading.find("foreign-number", "learner/identifier")
            continue
        try:
            return validated(NumberKind.BSN, text(identifier))
        except InvalidNumber:
            reading.find("wrong-citizen-number", "learner/identifier")
    return ""


def _report(reading: Reading, element: etree._Element, where: str, generated: str) -> None:
    issuer = _issuer(reading, element, where)
    if issuer is None:
        return
    report = _Report(where, issuer, date_of(text(element, "issueDate")) or generated)
    studies = children(element, "learningOpportunitySpecification")
    if not studies:
        reading.find("no-results", where)
    separate: list[etree._Element] = []
    for study in studies:
        if text(study, "type").lower() == "degree programme":
            _degree(reading, report, study)
        else:
            separate.append(study)
    _separate_courses(reading, report, separate)


def _issuer(reading: Reading, report: etree._Element, where: str) -> InstitutionLine | None:
    where = f"{where}/issuer"
    issuer = next(iter(children(report, "issuer")), None)
    named = None if issuer is None else _issuer_code(issuer)
    if issuer is None or named is None:
        reading.find("missing-field", where)
        return None
    scheme, code = named
    if _looks_dutch(code):
        reading.find("dutch-code", where)
        scheme, code = f"elmo-{scheme}", f"{scheme}:{code}"
    country = text(issuer, "country").upper()
    if not _COUNTRY.fullmatch(country):
        reading.find("unknown-country", where)
        country = _UNKNOWN_COUNTRY
    name = next(iter(titles(issuer).values()), code)
    members = {
        "type": "institution",
        "code": code,
        "scheme": "elmo-brin" if scheme == "brin" else scheme,
        "country": country,
        "names": [{"name": name, "since": _LONG_AGO}],
    }
    line = reading.part(InstitutionLine, members, where)
    return reading.institutions.setdefault(code, line) if line else None


def _issuer_code(issuer: etree._Element) -> tuple[str, str] | None:
    known: dict[str, str] = {}
    for identifier in children(issuer, "identifier"):
        scheme = str(identifier.get("type", "local")).lower()
        if scheme != "address" and text(identifier):
            known.setdefault(scheme, text(identifier))
    order = (*_PREFERRED_ISSUER_CODES, *known)
    return next(((scheme, known[scheme]) for scheme in order if scheme in known), None)


def _looks_dutch(code: str) -> bool:
    try:
        codes.brin(code)
    except InvalidCode:
        return False
    return True


def _degree(reading: Reading, report: _Report, study: etree._Element) -> None:
    """A degree is one award; everything below it is its results."""
    instance = _instance(study)
    status = text(instance, "status")
    if status == "in-progress":
        reading.find("not-finished", f"{report.where}/degree")
        return
    programme = _programme(reading, report, study, instance)
    if programme is None:
        return
    results = [found for part in _parts(study) for found in _results(reading, report, part)]
    members = {
        "awarded": date_of(text(instance, "date")) or report.issued,
        "result": "rejected" if status == "failed" else "passed",
        "results": results,
    }
    _award(reading, report, programme, members)


def _separate_courses(reading: Reading, report: _Report, studies: list[etree._Element]) -> None:
    """Courses without a degree stand together on one award, or on a few when they are many."""
    results = [result for study in studies for result in _results(reading, report, study)]
    if not results:
        return
    members = {
        "type": "programme",
        "code": f"{report.issuer.code}:courses",
        "scheme": "elmo",
        "sector": Sector.OTHER.value,
        "title": _SEPARATE_COURSES,
    }
    programme = reading.part(ProgrammeLine, members, report.where)
    if programme:
        for start in range(0, len(results), MAX_RESULTS):
            page = results[start : start + MAX_RESULTS]
            _award(reading, report, programme, {"awarded": report.issued, "results": page})


def _award(reading: Reading, report: _Report, programme: ProgrammeLine, members: Json) -> None:
    if not members["awarded"]:
        reading.find("missing-field", f"{report.where}/issueDate")
        return
    reading.programmes.setdefault(programme.code, programme)
    whose = {"institution": report.issuer.code, "programme": programme.code}
    reading.awards.append(whose | members)


def _programme(
    reading: Reading, report: _Report, study: etree._Element, instance: etree._Element
) -> ProgrammeLine | None:
    named = titles(study)
    scheme, code = _study_code(study, named)
    levels = {text(level, "type").upper(): text(level, "value") for level in _levels(instance)}
    eqf, nlqf = levels.get("EQF", ""), levels.get("NLQF", "")
    members = {
        "type": "programme",
        "code": f"{report.issuer.code}:{code}",
        "scheme": scheme,
        "sector": _sector(report, instance),
        "title": named or {UNSTATED: code},
        "nlqf": nlqf if nlqf in codes.NLQF_ORDER else "",
        "eqf": int(eqf) if re.fullmatch("[1-8]", eqf) else None,
    }
    return reading.part(ProgrammeLine, members, f"{report.where}/degree")


def _levels(instance: etree._Element) -> list[etree._Element]:
    return children(instance, "level")


def _study_code(study: etree._Element, named: dict[str, str]) -> tuple[str, str]:
    """Scheme and local code; a title stands in where there is none."""
    known: dict[str, str] = {}
    for identifier in children(study, "identifier"):
        if text(identifier):
            known.setdefault(str(identifier.get("type")) or "local", text(identifier))
    if not known:
        return "elmo", _identifier("study", named)
    scheme = "local" if "local" in known else next(iter(known))
    # Our own schemes have a form, which a code with its issuer before it has not.
    return ("elmo" if scheme in {"crebo", "isat"} else scheme), known[scheme]


def _sector(report: _Report, instance: etree._Element) -> str:
    """The sector of our own grouping, which only a Dutch issuer can mean."""
    ours = {sector.value for sector in Sector}
    if report.issuer.country == "NL":
        for group in children(instance, "grouping"):
            if group.get("typeref") == "sector" and group.get("idref") in ours:
                return str(group.get("idref"))
    return Sector.OTHER.value


def _parts(study: etree._Element) -> list[etree._Element]:
    return children(study, "hasPart", "learningOpportunitySpecification")


def _results(reading: Reading, report: _Report, study: etree._Element) -> Iterator[ResultPart]:
    """A course and everything below it, from the top down."""
    instance = _instance(study)
    status = text(instance, "status")
    where = f"{report.where}/course"
    if status == "in-progress":
        reading.find("not-finished", where)
    elif result := reading.part(ResultPart, _result(study, instance, status), where):
        yield result
    for part in _parts(study):
        yield from _results(reading, report, part)


def _result(study: etree._Element, instance: etree._Element, status: str) -> Json:
    named = titles(study)
    if not named:
        named = {UNSTATED: code} if (code := text(study, "identifier")) else {}
    credit = [text(c, "value") for c in children(instance, "credit") if _is_ects(c)]
    day = date_of(text(instance, "date"))
    return {
        "subject": named,
        # A missing status means passed (EMREX implementation guide, ELMO 1.2).
        "final": "failed" if status == "failed" else text(instance, "resultLabel") or "passed",
        "credits": credit[0] if credit else "",
        "day": day if len(day) == len("2025-01-01") else None,
    }


def _is_ects(credit: etree._Element) -> bool:
    return text(credit, "scheme").lower() == "ects"


def _instance(study: etree._Element) -> etree._Element:
    """The instance of a study; an empty element where there is none."""
    found = children(study, "specifies", "learningOpportunityInstance")
    return found[0] if found else etree.Element("none")


def _identifier(kind: str, *content: object) -> str:
    """26 characters of Crockford base32 over the SHA-256 of the content: 130 bits."""
    readable = json.dumps([kind, *content], default=_plain, sort_keys=True)
    bits = int.from_bytes(hashlib.sha256(readable.encode()).digest()[:17], "big") >> 6
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(125, -1, -5))


def _plain(part: object) -> Json:
    if not isinstance(part, BaseModel):
        raise TypeError("only parts of lines are hashed")
    return part.model_dump()
