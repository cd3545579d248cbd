"""What the register holds, as ELMO: whoever it is about, a reader that is strict takes it."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from lxml import etree

from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.nouns import Attachment, AttachmentType
from emrex.elmo.profiles import PROFILES, Version
from emrex.elmo.rules import findings
from emrex.elmo.writing import NAMESPACE, octets, tree_of
from register.dates import PartialDate
from register.importing import import_lines
from register.names import UNKNOWN_SURNAME
from register.records import AwardRecord, AwardStatus, Name
from register.store import SqlRegister
from register.synthetic.generate import write
from settings import Settings
from tests.credentials.people import extract
from tests.emrex.conftest import EXTENSIONS, NOW, PDF, schemas
from tests.products import THOROUGH
from wiring import Instance

TRANSFER = Transfer(NOW, "https://echt.voorbeeld.nl", "https://emc.example.edu")
ELMO = f"{{{NAMESPACE}}}"

MANY = 10_000 if THOROUGH else 1_000


def people_of(register: SqlRegister, most: int) -> Iterator[list[AwardRecord]]:
    """What stands of each person, for at most so many people."""
    by_person: dict[str, list[AwardRecord]] = defaultdict(list)
    for record in register.awards():
        if record.award.status is not AwardStatus.WITHDRAWN:
            by_person[record.person.person_id].append(record)
    return islice(iter(by_person.values()), most)


def written(records: list[AwardRecord], version: Version = Version.V1_7) -> etree._Element:
    files = {
        one.award.award_id: (
            Attachment(
                f"extract-{one.award.award_id}", AttachmentType.DIPLOMA, (("en", "x"),), PDF, "en"
            ),
        )
        for one in records
    }
    return tree_of(elmo_of(records, TRANSFER, files), EXTENSIONS, PROFILES[version])


def is_sound(records: list[AwardRecord]) -> bool:
    """Valid by 1.6 and 1.7, by 1.5 and 1.4 where asked for, and without a finding."""
    newest, published = written(records), schemas()
    older = (written(records, version) for version in (Version.V1_5, Version.V1_4))
    return (
        {"1.6.0", "1.7.0"} <= set(published.fitting(newest))
        and not list(findings(newest))
        and all(map(published.is_valid, older, (Version.V1_5, Version.V1_4)))
    )


def test_everybody_in_the_house_is_sound(house: Instance) -> None:
    """emrex.md 4.38 to 4.42, 4.46, 4.47."""
    people = list(people_of(house.register, 1_000))

    assert len(people) > 15
    assert [one[0].person.person_id for one in people if not is_sound(one)] == []


@pytest.mark.slow
def test_invented_people_are_sound(tmp_path: Path) -> None:
    """emrex.md 4.38: ten thousand of them when there is time."""
    instance = Instance(Settings(home=tmp_path))
    write(tmp_path / "people.jsonl", people=MANY, seed=11)
    import_lines(tmp_path / "people.jsonl", instance.writer)
    people = people_of(instance.register, MANY)

    unsound = [one[0].person.person_id for one in people if not is_sound(one)]

    instance.close()
    assert unsound == []


def test_results_of_two_institutions_are_two_reports() -> None:
    """emrex.md 4.40: and those of one are one."""
    first, second = extract("hbo").record, extract("vwo").record
    again = replace(first, award=replace(first.award, award_id="another"))
    second = replace(second, person=first.person)

    root = written([first, second, again])

    reports = root.findall(f"{ELMO}report")
    assert [len(one.findall(f"{ELMO}learningOpportunitySpecification")) for one in reports] == [
        2,
        1,
    ]


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        (Name("Dijk", "Jan", "van der"), "Jan", "van der Dijk"),
        (Name("Sukarno"), "", "Sukarno"),
        (Name(UNKNOWN_SURNAME, "Aung"), "Aung", ""),
        (Name("Łukasiewicz-Özdemir", "Zoë"), "Zoë", "Łukasiewicz-Özdemir"),
        (Name("O'Neill & <Zn>", '"Bo"'), '"Bo"', "O'Neill & <Zn>"),
    ],
)
def test_a_name_is_whole_whatever_is_in_it(name: Name, given: str, family: str) -> None:
    """emrex.md 4.49 and 4.50: prefixes, one-word names, diacritics, letters special to XML."""
    record = extract("hbo").record
    root = written([replace(record, person=replace(record.person, name=name))])
    read = etree.fromstring(octets(root))

    assert read.findtext(f"{ELMO}learner/{ELMO}givenNames", "") == given
    assert read.findtext(f"{ELMO}learner/{ELMO}familyName", "") == family
    assert unicodedata.is_normalized("NFC", octets(root).decode())


def test_moments_have_a_zone_and_days_have_none() -> None:
    """emrex.md 4.45."""
    text = octets(written([extract("vwo").record])).decode()

    moments = re.findall(r"<(?:generatedDate|issueDate)>([^<]+)<", text)
    days = re.findall(r"<(?:bday|date)>([^<]+)<", text)
    assert moments
    assert all(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", one) for one in moments)
    assert days
    assert all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", one) for one in days)


def test_a_birth_date_that_is_known_in_part_is_never_filled_in() -> None:
    """register.md 4.1; ELMO has whole days only, so the rest stands in our extension."""
    record = extract("hbo").record
    partial = replace(record, person=replace(record.person, birth=PartialDate(1990)))
    root = written([partial])

    assert root.find(f"{ELMO}learner/{ELMO}bday") is None
    transfer = root.find(f"{ELMO}extension/{{{EXTENSIONS}}}transfer")
    assert transfer is not None
    assert str(transfer.get("birth")).startswith("1990")


def test_our_own_words_are_in_our_own_namespace_and_nowhere_else() -> None:
    """emrex.md 4.52 and 3.4: whoever reads strictly by 1.7 passes over the extensions."""
    root = written([extract("vwo").record])
    for extension in root.iter(f"{ELMO}extension"):
        assert all(str(one.tag).startswith(f"{{{EXTENSIONS}}}") for one in extension)
    for extension in list(root.iter(f"{ELMO}extension")):
        extension.getparent().remove(extension)  # type: ignore[union-attr]  # none is the root

    assert EXTENSIONS.encode() not in octets(root)
    assert "1.7.0" in schemas().fitting(root)
