"""The register's own records, read back from an ELMO document that we made (emrex.md 3.6).

Documents of others are read by `register.elmo`, which has to guess. Here nothing is guessed: what
is not there is an error with a name. `comparing` says what was never sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emrex.elmo.exactly import (
    STUDY,
    Json,
    instance_of,
    known,
    line,
    missing,
    number,
    one,
    said,
    text_of,
    titles_of,
)
from emrex.elmo.extending import LOCAL, UNKNOWN_GENDER
from register.conversions import to_award, to_institution, to_person, to_programme
from register.elmo_tree import children
from register.kinds import CERTIFICATE, DIPLOMA, STATE_EXAM
from register.lines import AwardPart, InstitutionLine, PersonLine, ProgrammeLine
from register.records import (
    AwardRecord,
    AwardStatus,
    Institution,
    Person,
    Programme,
    Sector,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_RESULTS = {"passed": "passed", "failed": "rejected"}
_PARTIAL = {CERTIFICATE: True, DIPLOMA: False, STATE_EXAM: False}
_STATUSES = {status.value: status for status in AwardStatus}
_SECTORS = {sector.value: sector for sector in Sector}


def restored(root: _Element, extensions: str, person_id: str) -> tuple[AwardRecord, ...]:
    """The records in a document, those of an institution together.

    Args:
        root: of a document that we made and whose signature was verified.
        extensions: the namespace of what ELMO has no place for.
        person_id: whose document it is.

    Raises:
        NotRestorable: something is missing or is in no form that the register knows; the
            reason names what, or the rule of the register's import that it breaks.
    """
    reader = _Reader(f"{{{extensions}}}", root, person_id)
    return tuple(
        reader.record(report, study)
        for report in children(root, "report")
        for study in children(report, STUDY)
    )


class _Reader:
    """One document: where its own words are, its learner and its institutions."""

    def __init__(self, space: str, root: _Element, person_id: str) -> None:
        self._space = space
        transfer = self._own(root, "transfer")
        self._person = _person(one(root, "learner"), transfer, person_id)
        found = map(self._institution, transfer.iterchildren(f"{space}institution"))
        self._institutions = {institution.code: institution for institution in found}

    def record(self, report: _Element, study: _Element) -> AwardRecord:
        """One award of the institution of that report."""
        instance = instance_of(study)
        own = self._own(instance, "record")
        institution = self._known(text_of(report, "issuer", "identifier"))
        sector = known(_SECTORS, _grouping(instance), "sector")
        programme = _programme(study, instance, own, sector)
        local = _identifiers(study)[0]
        part = self._award(study, instance, own) | {
            "award": said(local.text),
            "institution": institution.code,
            "programme": programme.code,
        }
        award = to_award(
            line(AwardPart, part),
            self._person.person_id,
            sector,
            status=known(_STATUSES, own.get("status"), "status"),
            version=number(own.get("version"), "version"),
        )
        today = self._known(said(own.get("today")))
        return AwardRecord(award, self._person, institution, programme, today)

    def _award(self, study: _Element, instance: _Element, own: _Element) -> Json:
        parts = children(study, "hasPart", STUDY)
        profile = next(filter(self._is_profile, parts), None)
        results = parts if profile is None else children(profile, "hasPart", STUDY)
        return {
            "awarded": text_of(instance, "date") or said(own.get("awarded")),
            "degree": said(own.get("degree")),
            "result": known(_RESULTS, text_of(instance, "status"), "status"),
            "profile": None if profile is None else titles_of(profile),
            "thesis": own.findtext(f"{self._space}thesis", ""),
            "partial": known(_PARTIAL, own.get("kind"), "kind"),
            "results": [self._result(result) for result in results],
        }

    def _is_profile(self, study: _Element) -> bool:
        return self._own_or_none(instance_of(study), "profile") is not None

    def _result(self, study: _Element) -> Json:
        instance = instance_of(study)
        own = self._own_or_none(instance, "marks")
        marks: Mapping[str, str] = {} if own is None else dict(own.attrib)
        return {
            "subject": titles_of(study),
            "schoolExam": marks.get("schoolExam", ""),
            "centralExam": marks.get("centralExam", ""),
            "final": marks.get("final", ""),
            "credits": text_of(instance, "credit", "value") or marks.get("credits", ""),
            "level": text_of(instance, "level", "value"),
            "day": text_of(instance, "date") or None,
            "counted": marks.get("counted") != "false",
        }

    def _institution(self, own: _Element) -> Institution:
        names = [
            {member: named.get(member) for member in ("name", "since", "until")}
            for named in own.iterchildren(f"{self._space}named")
        ]
        members = {name: own.get(name) for name in ("code", "scheme", "country", "successor")}
        return to_institution(
            line(InstitutionLine, {"type": "institution", "names": names} | members)
        )

    def _known(self, code: str) -> Institution:
        return known(self._institutions, code, "institution")

    def _own(self, element: _Element, name: str) -> _Element:
        found = self._own_or_none(element, name)
        if found is None:
            raise missing(name)
        return found

    def _own_or_none(self, element: _Element, name: str) -> _Element | None:
        holders = children(element, "extension")
        return None if not holders else holders[0].find(f"{self._space}{name}")


def _person(learner: _Element, transfer: _Element, person_id: str) -> Person:
    name = {member: said(transfer.get(member)) for member in ("prefix", "surname", "title")}
    gender = transfer.get("gender") or UNKNOWN_GENDER
    members = {
        "type": "person",
        "person": person_id,
        "name": name | {"given": text_of(learner, "givenNames"), "gender": gender},
        "birth": text_of(learner, "bday") or said(transfer.get("birth")),
        "birthPlace": text_of(learner, "placeOfBirth"),
        "birthCountry": said(transfer.get("country")),
    }
    return to_person(line(PersonLine, members))


def _programme(study: _Element, instance: _Element, own: _Element, sector: Sector) -> Programme:
    identifier = _identifiers(study)[1]
    levels = {
        text_of(level, "type"): text_of(level, "value") for level in children(instance, "level")
    }
    members = {
        "type": "programme",
        "code": said(identifier.text),
        "scheme": own.get("scheme") or identifier.get("type"),
        "sector": own.get("programmeSector") or sector.value,
        "title": titles_of(study),
        "nlqf": levels.get("NLQF", ""),
        "eqf": number(levels["EQF"], "EQF") if "EQF" in levels else None,
    }
    return to_programme(line(ProgrammeLine, members))


def _identifiers(study: _Element) -> list[_Element]:
    """The local one, which is the id of the award, and that of the programme."""
    found = children(study, "identifier")
    if len(found) != len(("award", "programme")) or found[0].get("type") != LOCAL:
        raise missing("identifier")
    return found


def _grouping(instance: _Element) -> str:
    return said(one(instance, "grouping").get("idref"))
