"""Whether a document tells everything that the register knows, but for what is kept on purpose.

Never sent are:

- national numbers: they are in no record, so none can get into a document;
- the id of the person: it would tell receivers that two documents are about one person, so
  whoever reads a document back says whose it is;
- how often the record of the person was changed: a new name is nobody's business abroad;
- the gender, but where a noble title is written by it (emrex.md 3.6: off by default);
- the place of birth in ELMO 1.4, which has no element for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from emrex.elmo.extending import UNKNOWN_GENDER
from emrex.elmo.profiles import NEWEST, Profile
from emrex.elmo.restoring import restored
from emrex.errors import NotRestorable
from register.records import AwardRecord

if TYPE_CHECKING:
    from lxml.etree import _Element


def as_sent(record: AwardRecord, profile: Profile = NEWEST) -> AwardRecord:
    """The record as a document of that version tells it: without what is not sent on purpose."""
    person = record.person
    gender = person.name.gender if person.name.title else UNKNOWN_GENDER
    sent = replace(
        person,
        name=replace(person.name, gender=gender),
        birth_place=person.birth_place if profile.birth_details else "",
        version=1,
    )
    return replace(record, person=sent)


def is_whole(
    root: _Element, extensions: str, records: Sequence[AwardRecord], profile: Profile = NEWEST
) -> bool:
    """Whether a document tells these records of one person, and tells them in full."""
    try:
        found = restored(root, extensions, records[0].person.person_id)
    except NotRestorable:
        return False
    sent = [as_sent(record, profile) for record in records]
    return sorted(found, key=_award_id) == sorted(sent, key=_award_id)


def _award_id(record: AwardRecord) -> str:
    return record.award.award_id
