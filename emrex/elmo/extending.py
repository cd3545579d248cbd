"""Our own words in an ELMO document: what the register knows and ELMO has no place for.

Everything here is public knowledge about schools, or of the holder's own diploma. Where ELMO has
a place, the fact stands there and not here. A word is left out where it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from emrex.elmo import hashing
from emrex.elmo.nouns import Attachment, Extension
from emrex.elmo.writing import moment
from register.dates import PartialDate
from register.kinds import kind_of
from register.records import AwardRecord, Institution, Person, Programme, Result

LOCAL = "local"
"""The type of identifier that is ours to give inside one document."""
OF_THE_REGISTER = "programme"
UNKNOWN_GENDER = "O"
STATUSES = "/api/v1/hash-buckets"
"""Where the statuses of issued files are, by their hash (docs/api.md)."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """For whom, when and on whose behalf a document is made."""

    generated_at: datetime
    address: str
    """The address of the register's own site."""
    receiver: str = ""
    """Origin of the client; empty where the holder takes the file themselves."""
    transaction: str = ""
    """Hash of what the client calls the transfer; empty where it has no name for it."""


def transfer_extension(
    records: Sequence[AwardRecord], transfer: Transfer, files: Sequence[Attachment]
) -> Extension:
    """For whom the document is, what the learner's fields leave open, institutions and files.

    The snapshot is the moment at which the register said this: the records were read for it.
    """
    both = [one for record in records for one in (record.institution, record.institution_today)]
    known = {one.code: one for one in both}
    said = {
        "receiver": transfer.receiver,
        "transaction": transfer.transaction,
        "snapshot": moment(transfer.generated_at),
    }
    parts = (*map(_institution, known.values()), *map(_file, files))
    return Extension("transfer", _said(said | _said_of(records[0].person)), parts=parts)


def _file(attachment: Attachment) -> Extension:
    said = {"ref": attachment.identifier, "sha256": hashing.of_file(attachment.content)}
    return Extension(hashing.ATTACHMENT, _said(said))


def _said_of(person: Person) -> dict[str, str]:
    """The parts of the name, and a birth date that is known in part.

    Somebody's gender is needed to write out a noble title, and is sent for nothing else.
    """
    name = person.name
    titled = {"title": name.title, "gender": name.gender} if name.title else {}
    said = {"surname": name.surname, "prefix": name.prefix} | titled
    return said | {"birth": _in_part(person.birth), "country": person.birth_country}


def _institution(institution: Institution) -> Extension:
    """With the names it had and has: a report is headed by one of them only."""
    names = (
        {"since": str(one.since), "until": str(one.until or ""), "name": one.name}
        for one in institution.names
    )
    said = {
        "scheme": institution.scheme,
        "code": institution.code,
        "country": institution.country,
        "successor": institution.successor or "",
    }
    parts = tuple(Extension("named", _said(one)) for one in names)
    return Extension("institution", _said(said), parts=parts)


def record_extension(record: AwardRecord, address: str) -> Extension:
    """What kind of record it is and how it stands, and where to ask about it later.

    The status is asked by the hash of the extract, of which the asker names the beginning only:
    nobody learns about whom.
    """
    award, programme = record.award, record.programme
    said = {
        "kind": kind_of(award),
        "status": award.status.value,
        "awarded": _in_part(award.awarded),
        "degree": award.degree,
        "version": str(award.version),
        "today": record.institution_today.code,
        "scheme": LOCAL if programme.scheme == LOCAL else "",
        "programmeSector": "" if programme.sector is award.sector else programme.sector.value,
    }
    asked = {"verifyUrl": f"{address}/en/verify", "statusUrl": f"{address}{STATUSES}"}
    texts = _said({"thesis": award.thesis} | asked)
    return Extension("record", _said(said), parts=tuple(Extension(n, text=t) for n, t in texts))


def profile_extension() -> Extension:
    """That a module is the profile of a diploma, and not a part with a result of its own."""
    return Extension("profile")


def marks_extension(result: Result, *, credits_too: bool) -> Extension | None:
    """The marks as registered; the credits too where they are not a number as ELMO wants it."""
    said = {
        "schoolExam": result.school_exam,
        "centralExam": result.central_exam,
        "final": result.final,
        "counted": "" if result.counted else "false",
        "credits": result.credits if credits_too else "",
    }
    attributes = _said(said)
    return Extension("marks", attributes) if attributes else None


def scheme_of(programme: Programme) -> str:
    """The type of the identifier of a programme.

    The id of an award is the local one, and no issuer may give the same local id twice
    (emrex.md 2.5); a programme may stand there for two awards.
    """
    return OF_THE_REGISTER if programme.scheme == LOCAL else programme.scheme


def day_of(known: PartialDate) -> date | None:
    """The date, where the day is known."""
    if known.year and known.month and known.day:
        return date(known.year, known.month, known.day)
    return None


def _in_part(known: PartialDate) -> str:
    """A date that ELMO cannot hold, because it has whole days only."""
    return "" if day_of(known) else str(known)


def _said(members: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What there is something to say of."""
    return tuple((name, value) for name, value in members.items() if value)
